/* What the resources of a repository share. */
#ifndef API_REPOSITORY_H
#define API_REPOSITORY_H

#include "git/blob.h"
#include "request.h"

/* A branch, tag, "HEAD" or hex; none is the default branch. ERR_NOT_FOUND "404 Commit Not Found".
 */
MUST_USE int api_ref_commit(struct request *rq, struct repo *repo, struct str ref,
			    struct oid *commit, struct err *e);

void api_field_base64(struct jsonw *w, const char *key, struct str bytes);

/* The bytes of a file, as harmless text or as a download. */
MUST_USE int api_send_raw(struct request *rq, const struct blob *blob, struct err *e);

#endif
