/*
 * Cookies: reading the one header, writing Set-Cookie. Values are of our own
 * making (tokens, percent-encoded text); what is not well-formed is not there.
 * Threads: pure.
 */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include "base/arena.h"

/* The first cookie of that name (case counts), STR_NONE if there is none. Borrowed. */
struct str http_cookie_get(struct str header, struct str name);

struct http_cookie {
	struct str name;
	struct str value; /* bytes a cookie may hold (asserted) */
	bool is_secure;
	bool for_scripts; /* without HttpOnly */
	int64_t max_age;  /* seconds; 0: until the browser closes; < 0: remove it */
};

/* "name=value; Path=/; HttpOnly; SameSite=Lax; ..." */
struct str http_cookie_format(struct arena *a, const struct http_cookie *cookie);

#endif
