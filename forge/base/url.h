/*
 * Percent-encoding (RFC 3986), one encoder a context, and query strings.
 * Decoders never accept NUL. Threads: pure functions.
 */
#ifndef BASE_URL_H
#define BASE_URL_H

#include "base/arena.h"
#include "base/buf.h"

/* Everything but unreserved characters; so '/' too: one path segment, or a query value. */
void url_encode(struct buf *out, struct str s);
/* As url_encode, but leaves '/' : a whole path. */
void url_encode_path(struct buf *out, struct str s);

/* Decodes %XX; false for a broken escape, NUL or a control character. '+' stays. */
MUST_USE bool url_decode(struct arena *a, struct str s, struct str *decoded);
/* As url_decode with '+' as a space, and any byte but NUL allowed: forms and query strings. */
MUST_USE bool url_decode_form(struct arena *a, struct str s, struct str *decoded);

struct url_pair {
	struct str name;
	struct str value;
};

struct url_pairs {
	struct url_pair *items;
	size_t count;
};

#define URL_PAIRS_MAX 1000

/* a=1&b=2 (application/x-www-form-urlencoded). ERR_INVALID names what is wrong. */
MUST_USE int url_pairs_parse(struct arena *a, struct str text, struct url_pairs *pairs,
			     struct err *e);
/* The first value of that name, or STR_NONE. */
struct str url_pairs_get(const struct url_pairs *pairs, const char *name);

#endif
