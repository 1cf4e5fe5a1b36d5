/*
 * PATCH /jobs/:id/trace: the next piece of the log, at exactly the place where
 * it ends. Source: gitlab-compat 1.7.
 */
#include "api/api.h"
#include "api/runner_call.h"
#include "api/runner_message.h"

#include "domain/job_payload.h"
#include "domain/trace.h"
#include "router.h"
#include "store/live.h"

/* The job ends here and now, so that a log without end does not fill the disk. */
static int end_for_size(struct request *rq, struct db *db, const struct trace_append *in,
			struct err *e)
{
	struct job_report report = { .failure_reason = STR("trace_size_exceeded") };
	struct job_held held;
	size_t pending;

	if (job_finish(db, in->job, in->token, &report, rq->arena, &held, &pending, e) < 0)
		return -(int)e->code;
	runner_call_announce(rq, in->job, &held, pending);
	return runner_call_refuse(rq, true, held.status, e);
}

static int answer_trace(struct request *rq, struct db *db, const struct trace_append *in,
			const struct trace_answer *answer, struct err *e)
{
	struct http_response *r = &rq->http->response;

	switch (answer->outcome) {
	case TRACE_UNKNOWN:
		return runner_call_refuse(rq, false, answer->status, e);
	case TRACE_OVER:
		return runner_call_refuse(rq, true, answer->status, e);
	case TRACE_TOO_LARGE:
		return end_for_size(rq, db, in, e);
	case TRACE_TAKEN:
	case TRACE_ELSEWHERE:
		break;
	}
	runner_call_say_status(rq, answer->status);
	http_set_header(r, "Range", arena_fmt(rq->arena, "0-%lld", (long long)answer->length));
	if (answer->outcome == TRACE_ELSEWHERE)
		return runner_call_send(rq, 416, e);
	metrics_add(rq->router->metrics, METRIC_TRACE_BYTES, (int64_t)in->bytes.n);
	live_publish_id(rq->app->live, "job", in->job.v);
	return runner_call_send(rq, 202, e);
}

int api_job_trace_append(struct request *rq, struct err *e)
{
	struct trace_append in = {
		.token = http_header(&rq->http->head, "JOB-TOKEN"),
		.bytes = rq->http->body.bytes,
		.is_debug = str_eq_c(request_query(rq, "debug_trace"), "true"),
	};
	struct trace_answer answer;
	struct db *db = NULL;

	if (api_path_id(rq, "job", "404 Not Found", &in.job.v, e) < 0)
		return -(int)e->code;
	if (str_is_empty(in.token))
		return runner_call_refuse(rq, false, CI_STATUS_CREATED, e);
	if (runner_message_start(http_header(&rq->http->head, "Content-Range"), &in.start, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    job_secrets(db, rq->app->instance, in.job, in.token, rq->arena, &in.secrets, e) < 0 ||
	    trace_append(db, rq->app->data, &in, rq->arena, &answer, e) < 0)
		return -(int)e->code;
	return answer_trace(rq, db, &in, &answer, e);
}
