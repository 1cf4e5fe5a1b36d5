/*
 * Secrets in a stream of bytes become [MASKED], wherever the stream is cut.
 * What might be the start of a secret is held back until it is known. Token
 * prefixes (glpat-, glcbt-, ...) hide what follows them too.
 */
#ifndef RUNNER_MASK_H
#define RUNNER_MASK_H

#include "base/arena.h"
#include "base/buf.h"

#define MASK_TEXT "[MASKED]"
/* Characters hidden behind a token prefix, at most: [A-Za-z0-9_.-]. */
#define MASK_TOKEN_MAX 300

struct mask {
	struct str *secrets;
	size_t secret_count;
	struct str *prefixes;
	size_t prefix_count;
	struct buf held;
	size_t in_token; /* characters of a token hidden so far; 0: not in one */
};

/* room for `most` secrets and prefixes each; both are copied. */
void mask_init(struct mask *m, struct arena *a, size_t most);
void mask_fini(struct mask *m);
/* Empty ones are left out. */
void mask_add_secret(struct mask *m, struct str secret);
void mask_add_prefix(struct mask *m, struct str prefix);

/* Appends what is known to be safe to out. */
void mask_write(struct mask *m, struct str bytes, struct buf *out);
/* The end of the stream: what was held back is no secret. */
void mask_flush(struct mask *m, struct buf *out);
/* The stream goes on, but nobody will see more of it: what was held back may be one. */
void mask_drop(struct mask *m);

#endif
