/*
 * POST /jobs/request: the best job that the runner may run, or nothing yet. A
 * runner that knows last_update is kept waiting, in its thread but without a
 * database connection, until a job of its class becomes pending.
 * Source: gitlab-compat 1.4.
 */
#include "api/api.h"
#include "api/runner_call.h"

#include "domain/job_payload.h"
#include "domain/queue.h"
#include "router.h"
#include "store/live.h"

/* As GitLab's front does; runners wait longer. */
#define HOLD_MS 50000

static void announce(struct request *rq, struct db *db, const struct job_claimed *job,
		     size_t pending)
{
	queue_announce(db, rq->app->live,
		       &(struct queue_news){ job->project, job->pipeline, job->id, pending },
		       rq->arena);
}

/*
 * A job that can never be handed out has failed, so that it does not come up
 * again and again; if only the database was away, its lease will lapse and it
 * waits again.
 */
static int give_up(struct request *rq, struct db *db, const struct job_claimed *job, struct err *e)
{
	struct job_held held;
	struct err why = *e;
	struct job_report report = {
		.failure_reason = why.code == ERR_GONE ? STR("missing_dependency_failure")
						       : STR("data_integrity_failure"),
	};
	size_t pending;

	if (why.code == ERR_UNAVAILABLE || why.code == ERR_BUSY || why.code == ERR_TIMEOUT)
		return -(int)why.code;
	LOG(&rq->app->log, LOG_ERROR, "job cannot be handed out", F_INT("job", job->id.v),
	    F_STR("request_id", rq->request_id), F_ERR(&why));
	err_clear(e);
	if (job_finish(db, job->id, job->token, &report, rq->arena, &held, &pending, e) < 0)
		return -(int)e->code;
	announce(rq, db, job, pending);
	return request_send_nothing(rq, e);
}

static int hand_out(struct request *rq, const struct runner *runner, const struct job_claimed *job,
		    struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (job_payload_write(db, rq->app->instance, runner, job, rq->arena, w, e) < 0)
		return give_up(rq, db, job, e);
	announce(rq, db, job, 0);
	metrics_add(rq->router->metrics, METRIC_JOBS_HANDED_OUT, 1);
	rq->has_secret = true;
	return request_send_json(rq, 201, e);
}

/* The runner may have been paused, changed or removed while it waited. */
static int look(struct request *rq, struct runner_call *call, struct job_claimed *job, bool *found,
		struct err *e)
{
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    runner_find(db, call->token, rq->arena, &call->runner, found, e) < 0)
		return -(int)e->code;
	if (!*found)
		return err_set(e, ERR_FORBIDDEN, "the runner was removed while it waited");
	return job_claim(db, &call->runner, call->manager, rq->arena, job, found, e);
}

/* Nothing so far: waits for something, looks again, until the hold is over. */
static int wait_for_job(struct request *rq, struct runner_call *call, struct job_claimed *job,
			bool *found, struct err *e)
{
	const struct live_ends ends = { rq->http->head.connection_fd, rq->http->head.stop_fd };
	int64_t deadline = clock_monotonic_ms() + HOLD_MS;
	struct str topic = queue_topic(&call->runner, rq->arena);
	struct live_watch *watch;
	int result;

	*found = false;
	if (live_watch(rq->app->live, &topic, 1, &watch, e) < 0)
		return -(int)e->code;
	/* What became pending before the watch stood. */
	result = look(rq, call, job, found, e);
	request_db_return(rq);
	while (result == 0 && !*found && live_wait(watch, &ends, deadline) == LIVE_LOOK) {
		struct arena_mark mark = arena_mark(rq->arena);

		result = look(rq, call, job, found, e);
		request_db_return(rq);
		if (result == 0 && !*found)
			arena_reset(rq->arena, mark);
	}
	live_unwatch(watch);
	return result;
}

int api_job_request(struct request *rq, struct err *e)
{
	bool may_wait = !str_is_empty(request_form(rq, "last_update"));
	struct job_claimed job;
	struct runner_call call;
	struct db *db = NULL;
	bool found = false;
	int result;

	if (runner_call_identify(rq, &call, e) < 0)
		return -(int)e->code;
	http_set_header(&rq->http->response, "X-GitLab-Last-Update", call.runner.class);
	if (may_wait)
		result = wait_for_job(rq, &call, &job, &found, e);
	else if (request_db(rq, &db, e) < 0)
		result = -(int)e->code;
	else
		result = job_claim(db, &call.runner, call.manager, rq->arena, &job, &found, e);
	if (result < 0)
		return result;
	return found ? hand_out(rq, &call.runner, &job, e) : request_send_nothing(rq, e);
}
