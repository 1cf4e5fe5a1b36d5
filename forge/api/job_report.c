/*
 * PUT /jobs/:id: the job goes on, or it ended. The job's token is the fence: a
 * word with an old one changes nothing and is answered by 403, after which the
 * runner stops. Source: gitlab-compat 1.6.
 */
#include "api/api.h"
#include "api/runner_call.h"
#include "api/runner_message.h"

#include "domain/job.h"
#include "domain/trace.h"

static int answer_held(struct request *rq, const struct job_held *held, struct err *e)
{
	if (held->standing != JOB_HELD)
		return runner_call_refuse(rq, held->standing == JOB_STALE, held->status, e);
	runner_call_say_status(rq, held->status);
	return runner_call_send(rq, 200, e);
}

static int go_on(struct request *rq, struct job_id id, struct str token, struct err *e)
{
	struct job_held held;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || job_heartbeat(db, id, token, rq->arena, &held, e) < 0)
		return -(int)e->code;
	return answer_held(rq, &held, e);
}

static int finish(struct request *rq, struct job_id id, struct str token, bool is_success,
		  struct err *e)
{
	struct job_report report = { .is_success = is_success };
	struct trace_sum sum;
	struct job_held held;
	struct db *db = NULL;
	size_t pending;
	bool fits;

	if (runner_message_report(rq->json, &report, e) < 0 ||
	    runner_message_sum(rq->json, &sum, e) < 0 || request_db(rq, &db, e) < 0 ||
	    trace_check(db, id, token, &sum, rq->arena, &fits, e) < 0)
		return -(int)e->code;
	if (!fits)
		return runner_call_send(rq, 412, e);
	if (job_finish(db, id, token, &report, rq->arena, &held, &pending, e) < 0)
		return -(int)e->code;
	if (held.standing == JOB_HELD)
		runner_call_announce(rq, id, &held, pending);
	return answer_held(rq, &held, e);
}

int api_job_report(struct request *rq, struct err *e)
{
	struct str state = request_form(rq, "state");
	struct str token = runner_call_job_token(rq);
	struct job_id id;

	if (api_path_id(rq, "job", "404 Not Found", &id.v, e) < 0)
		return -(int)e->code;
	if (str_is_empty(token))
		return runner_call_refuse(rq, false, CI_STATUS_CREATED, e);
	/* "pending" is how runners of two phases say that they are still there. */
	if (str_is_empty(state) || str_eq_c(state, "running") || str_eq_c(state, "pending"))
		return go_on(rq, id, token, e);
	if (str_eq_c(state, "success") || str_eq_c(state, "failed"))
		return finish(rq, id, token, str_eq_c(state, "success"), e);
	return err_set(e, ERR_INVALID, "state does not have a valid value");
}
