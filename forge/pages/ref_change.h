/*
 * Branches and tags made and removed by a page: by the same landing, policy
 * and record as a push. ERR codes are those of domain/landing and git/repo.
 */
#ifndef PAGES_REF_CHANGE_H
#define PAGES_REF_CHANGE_H

#include "request.h"

struct ref_wish {
	const char *folder; /* "refs/heads/" or "refs/tags/" */
	struct str name;
	struct str from;    /* a branch, tag or commit */
	struct str message; /* of an annotated tag; else none */
};

MUST_USE int ref_create(struct request *rq, const struct ref_wish *wish, struct err *e);
/* The ref as this request sees it; ERR_CONFLICT if it moved meanwhile. */
MUST_USE int ref_remove(struct request *rq, const char *folder, struct str name, struct err *e);

#endif
