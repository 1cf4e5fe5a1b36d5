/* What runners and people say of a job; claiming is job_claim.c, lapsing job_lapse.c. */
#include "domain/deploy_job.h"
#include "domain/job_payload.h"
#include "domain/job_private.h"

#include "secret/secret.h"

static const char *const failure_reasons[] = {
	"script_failure",
	"runner_system_failure",
	"job_execution_timeout",
	"image_pull_failure",
	"unknown_failure",
	"runner_configuration_error",
	"job_canceled",
	"runner_unsupported",
	"stuck_or_timeout_failure",
	"missing_dependency_failure",
	"data_integrity_failure",
	"trace_size_exceeded",
};

static struct str known_reason(struct str reason)
{
	for (size_t i = 0; i < ARRAY_LEN(failure_reasons); i++)
		if (str_eq_c(reason, failure_reasons[i]))
			return reason;
	return STR("unknown_failure");
}

static enum ci_status status_of(struct str text)
{
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

static bool is_held(enum ci_status status)
{
	return status == CI_STATUS_RUNNING || status == CI_STATUS_CANCELING;
}

/* ------------------------------------------------------------------------- holding */

static int find_by_token(struct db *db, struct job_id id, struct str sha256, struct arena *a,
			 struct job_held *held, struct err *e)
{
	struct q_job_by_token_row row = { 0 };
	bool found;

	*held = (struct job_held){ .standing = JOB_UNKNOWN };
	if (q_job_by_token(db, &(struct q_job_by_token_in){ id.v, sha256 }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	*held = (struct job_held){ .status = status_of(row.status),
				   .project = { row.project_id },
				   .pipeline = { row.pipeline_id },
				   .user = { row.has_user_id ? row.user_id : 0 } };
	held->standing = is_held(held->status) ? JOB_HELD : JOB_STALE;
	return 0;
}

int job_heartbeat(struct db *db, struct job_id id, struct str token, struct arena *a,
		  struct job_held *held, struct err *e)
{
	struct str sha256 = secret_sha256_bytes(a, token);
	struct q_job_renew_lease_row row = { 0 };
	bool found;

	if (find_by_token(db, id, sha256, a, held, e) < 0)
		return -(int)e->code;
	if (held->standing != JOB_HELD)
		return 0;
	if (q_job_renew_lease(db,
			      &(struct q_job_renew_lease_in){ .id = id.v,
							      .token_sha256 = sha256,
							      .lease_seconds = JOB_LEASE_SECONDS },
			      a, &row, &found, e) < 0)
		return -(int)e->code;
	/* It ended between the two. */
	held->standing = found ? JOB_HELD : JOB_STALE;
	if (found)
		held->status = status_of(row.status);
	return 0;
}

/* ------------------------------------------------------------------------- the end */

struct finishing {
	struct job_id id;
	struct str sha256;
	const struct job_report *report;
	struct arena *arena;
	struct job_held *held;
	size_t pending;
};

/* The same news again: the runner did not hear our answer. */
static bool is_repeated(const struct job_held *held, const struct job_report *report)
{
	if (held->status == CI_STATUS_SUCCESS)
		return report->is_success;
	return held->status == CI_STATUS_CANCELED ||
	       (held->status == CI_STATUS_FAILED && !report->is_success);
}

static int end_job(struct db *db, struct finishing *f, struct q_job_finish_row *row, bool *ended,
		   struct err *e)
{
	const struct job_report *report = f->report;

	return q_job_finish(
		db,
		&(struct q_job_finish_in){
			.id = f->id.v,
			.token_sha256 = f->sha256,
			.status = report->is_success ? STR("success") : STR("failed"),
			.failure_reason = report->is_success ? STR_NONE
							     : known_reason(report->failure_reason),
			.has_exit_code = report->has_exit_code,
			.exit_code = report->exit_code },
		f->arena, row, ended, e);
}

/* What follows when the job has ended: its environment, a retry, the others of its pipeline. */
static int follow(struct db *db, struct finishing *f, const struct deploy_lock *lock,
		  bool is_exclusive, enum ci_status was, struct err *e)
{
	size_t waiters;

	if (deploy_job_settle(db, lock, f->id, f->held->status, f->arena, e) < 0)
		return -(int)e->code;
	if (f->held->status == CI_STATUS_FAILED &&
	    (job_retry_by_rule(db, f->id, f->arena, e) < 0 || job_cancel_others(db, f->id, e) < 0))
		return -(int)e->code;
	if (pipeline_advance(db, f->held->pipeline, was, f->arena, &f->pending, e) < 0 ||
	    job_count_waiters(db, f->id, is_exclusive, f->arena, &waiters, e) < 0)
		return -(int)e->code;
	f->pending += waiters;
	return 0;
}

static int finish(struct db *db, void *closure, struct err *e)
{
	struct finishing *f = closure;
	struct q_job_finish_row ended = { 0 };
	struct deploy_lock lock;
	enum ci_status was;
	bool found;

	if (find_by_token(db, f->id, f->sha256, f->arena, f->held, e) < 0)
		return -(int)e->code;
	if (f->held->standing == JOB_UNKNOWN)
		return 0;
	if (pipeline_lock(db, f->held->pipeline, f->arena, &found, &was, e) < 0 ||
	    deploy_job_lock(db, f->id, f->arena, &lock, e) < 0 ||
	    end_job(db, f, &ended, &found, e) < 0)
		return -(int)e->code;
	if (!found) {
		/* Over already; read again what it is now that we hold the lock. */
		if (find_by_token(db, f->id, f->sha256, f->arena, f->held, e) < 0)
			return -(int)e->code;
		f->held->standing = is_repeated(f->held, f->report) ? JOB_HELD : JOB_STALE;
		return 0;
	}
	f->held->standing = JOB_HELD;
	f->held->status = status_of(ended.status);
	return follow(db, f, &lock, ended.is_exclusive, was, e);
}

int job_finish(struct db *db, struct job_id id, struct str token, const struct job_report *report,
	       struct arena *a, struct job_held *held, size_t *pending, struct err *e)
{
	struct finishing f = { .id = id,
			       .sha256 = secret_sha256_bytes(a, token),
			       .report = report,
			       .arena = a,
			       .held = held };
	int result = db_transaction(db, finish, &f, e);

	*pending = f.pending;
	return result;
}

/* ------------------------------------------------------------------------- people */

struct acting {
	struct job_id id;
	struct user_id user;
	const struct job_given *given;
	struct arena *arena;
	int (*act)(struct db *db, struct acting *x, enum ci_status status, struct err *e);
	struct job_id again;
	bool enqueued;
	size_t pending;
};

/* Locks the job's pipeline, acts on the job as it is then, and follows it up. */
static int act(struct db *db, void *closure, struct err *e)
{
	struct acting *x = closure;
	struct q_job_place_row row = { 0 };
	enum ci_status was = CI_STATUS_CREATED;
	bool found;

	if (q_job_place(db, &(struct q_job_place_in){ x->id.v }, x->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (found && pipeline_lock(db, (struct pipeline_id){ row.pipeline_id }, x->arena, &found,
				   &was, e) < 0)
		return -(int)e->code;
	if (found &&
	    q_job_place(db, &(struct q_job_place_in){ x->id.v }, x->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no such job.");
	if (x->act(db, x, status_of(row.status), e) < 0)
		return -(int)e->code;
	return pipeline_advance(db, (struct pipeline_id){ row.pipeline_id }, was, x->arena,
				&x->pending, e);
}

static int run_act(struct db *db, struct acting *x, size_t *pending, struct err *e)
{
	int result = db_transaction(db, act, x, e);

	*pending = x->pending;
	return result;
}

static int cancel(struct db *db, struct acting *x, enum ci_status status, struct err *e)
{
	struct q_job_cancel_row row;
	bool found;

	if (q_job_cancel(db, &(struct q_job_cancel_in){ x->id.v }, x->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_CONFLICT, "This job is %s: there is nothing to cancel.",
			       ci_status_name(status));
	return 0;
}

int job_cancel(struct db *db, struct job_id id, struct arena *a, size_t *pending, struct err *e)
{
	struct acting x = { .id = id, .arena = a, .act = cancel };

	return run_act(db, &x, pending, e);
}

static int play(struct db *db, struct acting *x, enum ci_status status, struct err *e)
{
	const struct q_job_set_starter_in starter = { .id = x->id.v,
						      .has_user_id = x->user.v != 0,
						      .user_id = x->user.v };
	enum ci_status is;

	if (status != CI_STATUS_MANUAL && status != CI_STATUS_SCHEDULED)
		return err_set(e, ERR_CONFLICT,
			       "This job is %s; only one that waits for a person or for its time "
			       "can be started. A job that is over can be retried.",
			       ci_status_name(status));
	if (q_job_set_starter(db, &starter, NULL, e) < 0 ||
	    (x->given &&
	     job_variables_record(db, x->given->keys, x->id, x->given->variables, e) < 0) ||
	    job_enqueue(db, x->id, status, x->arena, &is, e) < 0)
		return -(int)e->code;
	x->enqueued = is == CI_STATUS_PENDING;
	return 0;
}

int job_play(struct db *db, struct job_id id, struct user_id user, const struct job_given *given,
	     struct arena *a, size_t *pending, struct err *e)
{
	struct acting x = { .id = id, .user = user, .given = given, .arena = a, .act = play };
	int result = run_act(db, &x, pending, e);

	*pending += x.enqueued;
	return result;
}

/* Who retries what a person or the time starts has started it. */
static int start_again(struct db *db, struct acting *x, struct err *e)
{
	struct q_job_place_row row = { 0 };
	enum ci_status is;
	bool found;

	if (q_job_place(db, &(struct q_job_place_in){ x->again.v }, x->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || !(str_eq_c(row.run_when, "manual") || str_eq_c(row.run_when, "delayed")))
		return 0;
	if (job_enqueue(db, x->again, CI_STATUS_CREATED, x->arena, &is, e) < 0)
		return -(int)e->code;
	x->enqueued = is == CI_STATUS_PENDING;
	return 0;
}

static int retry(struct db *db, struct acting *x, enum ci_status status, struct err *e)
{
	const struct job_again how = { .user = x->user, .is_deliberate = true };
	bool found;

	if (job_add_retry(db, x->id, &how, x->arena, &x->again, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_CONFLICT,
			       "This job is %s or was retried already; only the latest run of a "
			       "job, and only when it is over, can be retried.",
			       ci_status_name(status));
	if (job_reconsider_skipped(db, x->again, x->arena, e) < 0)
		return -(int)e->code;
	return start_again(db, x, e);
}

int job_retry(struct db *db, struct job_id id, struct user_id user, struct arena *a,
	      struct job_id *again, size_t *pending, struct err *e)
{
	struct acting x = { .id = id, .user = user, .arena = a, .act = retry };
	int result = run_act(db, &x, pending, e);

	*pending += x.enqueued;
	*again = x.again;
	return result;
}
