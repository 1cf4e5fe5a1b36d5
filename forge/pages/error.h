/* The page that says what went wrong. Called by request_error.c for the page door only. */
#ifndef PAGES_ERROR_H
#define PAGES_ERROR_H

#include "request.h"

/* error: what happened; e: if even this page cannot be made. rq->project etc. may be NULL. */
MUST_USE int page_error(struct request *rq, int status, const struct err *error, struct err *e);

#endif
