/* The log of a job as plain text, as the runner sent it. */
#include "request_trace.h"

int page_job_raw(struct request *rq, struct err *e)
{
	struct job_id job;

	if (!str_to_i64(request_param(rq, "id"), &job.v))
		return err_set(e, ERR_NOT_FOUND, "There is no such job.");
	return request_send_trace(rq, job, e);
}
