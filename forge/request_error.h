/*
 * Errors as each door wants them, once for the whole site: an HTML page (or the
 * way to sign-in), GitLab's JSON, or text for git; always with X-Request-Id.
 */
#ifndef REQUEST_ERROR_H
#define REQUEST_ERROR_H

#include "request.h"

/* Sets the answer; what the handler had set before is forgotten. rq->route may be NULL. */
void request_answer_error(struct request *rq, const struct err *e);

/*
 * The page that says what went wrong; written in pages/error.c, called for the
 * page door only. error: what happened; e: if even this page cannot be made.
 * rq->route, project and namespace may be NULL.
 */
MUST_USE int page_error(struct request *rq, int status, const struct err *error, struct err *e);

/* Security headers, caching, request id; when the answer stands. */
void request_finish_headers(struct request *rq);

#endif
