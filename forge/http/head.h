/*
 * What a request's head may look like. libmicrohttpd reads leniently, and two
 * servers that read one head differently are how requests are smuggled; so this
 * is asked before anything else looks at the head.
 *
 * Refused: names that are no tokens, NUL and other control bytes in values, more
 * than one Content-Length, Host or Transfer-Encoding, Content-Length beside
 * Transfer-Encoding, a length that is no number, any coding but "chunked", a
 * target that does not begin with '/', is too long or holds bytes that do not
 * belong into a URL, and more than HTTP_HEADERS_MAX headers.
 *
 * Threads: pure.
 */
#ifndef HTTP_HEAD_H
#define HTTP_HEAD_H

#include "http/http.h"

/* ERR_INVALID or ERR_TOO_LARGE with the reason. target: the raw URI with its query. */
MUST_USE int http_head_check(const struct http_header *headers, size_t count, struct str target,
			     struct err *e);

/* Cuts a raw target into path and query; an absolute-form target loses scheme and host. */
void http_target_split(struct str target, struct str *path, struct str *query);

/* Is a body announced? *length: Content-Length, or HTTP_SIZE_UNKNOWN for chunked; 0: none. */
uint64_t http_head_body_length(const struct http_head *head);

#endif
