/* GET /projects/:id/jobs/:job_id/trace: the log as text. */
#include "api/api.h"
#include "request_trace.h"

int api_job_trace(struct request *rq, struct err *e)
{
	struct job_id job;

	if (api_path_id(rq, "job", "404 Not Found", &job.v, e) < 0)
		return -(int)e->code;
	return request_send_trace(rq, job, e);
}
