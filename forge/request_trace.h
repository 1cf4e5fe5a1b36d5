/* The log of a job as plain text: the same answer for the raw page and for the API. */
#ifndef REQUEST_TRACE_H
#define REQUEST_TRACE_H

#include "domain/trace.h"
#include "request.h"

/*
 * The trace of a job of rq->project. ERR_NOT_FOUND: there is no such job here;
 * ERR_FORBIDDEN: it shows variables, and the actor is no developer of the project.
 */
MUST_USE int request_trace_view(struct request *rq, struct job_id job, struct trace_view *view,
				struct err *e);

/* All that may be seen of it now; Range is obeyed. */
MUST_USE int request_send_trace(struct request *rq, struct job_id job, struct err *e);

#endif
