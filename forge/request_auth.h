/*
 * Who asks, and whether a form is really the person's: sessions, tokens, Basic
 * credentials, CSRF. Only the router calls these.
 */
#ifndef REQUEST_AUTH_H
#define REQUEST_AUTH_H

#include "request.h"

/*
 * Fills rq->actor (and the session). Pages and API: PRIVATE-TOKEN, Bearer,
 * ?private_token= (API), else the session's cookie. Git: Basic with a token or a
 * password, or Bearer; never the cookie. Credentials that are wrong are
 * ERR_UNAUTHENTICATED, never taken as anonymous; a stale cookie is anonymous.
 */
MUST_USE int request_identify(struct request *rq, struct err *e);

/*
 * For acts by cookie: where the request comes from (Sec-Fetch-Site, else
 * Origin) and the token (header X-CSRF-Token or field csrf). Who came with a
 * token of their own needs none.
 */
MUST_USE int request_check_csrf(const struct request *rq, struct err *e);

/* rq->csrf; makes the anonymous' cookie if there is none. */
void request_make_csrf(struct request *rq);

/* From a site of someone else? Then a cookie proves nothing, not even for reading the API. */
bool request_is_foreign(const struct request *rq);

#endif
