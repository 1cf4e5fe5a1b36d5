/* The body of a request as form, JSON or multipart: fills rq->form, rq->json, rq->files. */
#ifndef REQUEST_BODY_H
#define REQUEST_BODY_H

#include "request.h"

/* By Content-Type. ERR_INVALID with what is wrong. An empty body is no fields. */
MUST_USE int request_parse_body(struct request *rq, struct err *e);

#endif
