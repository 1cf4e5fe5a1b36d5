/* What time does to jobs: a lease that lapsed, a start that is due. */
#include "base/fault.h"
#include "domain/deploy_job.h"
#include "domain/job_private.h"
#include "domain/queue.h"

struct lapsing {
	struct arena *arena;
	int64_t job;
	struct pipeline_id pipeline;
	size_t pending;
	bool was_lapsed;
};

/* What follows when it has failed or was canceled. */
static int follow(struct db *db, const struct lapsing *l, const struct deploy_lock *lock,
		  struct str text, struct err *e)
{
	const struct job_id id = { l->job };
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	if (deploy_job_settle(db, lock, id, status, l->arena, e) < 0)
		return -(int)e->code;
	if (status != CI_STATUS_FAILED)
		return 0;
	if (job_retry_by_rule(db, id, l->arena, e) < 0)
		return -(int)e->code;
	return job_cancel_others(db, id, e);
}

static int lapse_one(struct db *db, void *closure, struct err *e)
{
	struct lapsing *l = closure;
	struct q_job_lapse_row row = { 0 };
	struct deploy_lock lock = { 0 };
	enum ci_status was;
	size_t pending;
	size_t waiters;
	bool found;

	l->pending = 0;
	if (pipeline_lock(db, l->pipeline, l->arena, &found, &was, e) < 0)
		return -(int)e->code;
	if (found && deploy_job_lock(db, (struct job_id){ l->job }, l->arena, &lock, e) < 0)
		return -(int)e->code;
	FAULT_POINT("lapse.locked");
	if (found &&
	    q_job_lapse(db, &(struct q_job_lapse_in){ l->job }, l->arena, &row, &found, e) < 0)
		return -(int)e->code;
	l->was_lapsed = found;
	if (!found)
		return 0;
	FAULT_POINT("lapse.ended");
	l->pending = str_eq(row.status, STR("pending"));
	if (follow(db, l, &lock, row.status, e) < 0)
		return -(int)e->code;
	FAULT_POINT("lapse.followed");
	if (pipeline_advance(db, l->pipeline, was, l->arena, &pending, e) < 0 ||
	    job_count_waiters(db, (struct job_id){ l->job }, row.is_exclusive, l->arena, &waiters,
			      e) < 0)
		return -(int)e->code;
	FAULT_POINT("lapse.advanced");
	l->pending += pending + waiters;
	return 0;
}

int job_renew_after_outage(struct db *db, int64_t *renewed, struct err *e)
{
	return q_job_lease_after_outage(db, renewed, e);
}

int job_lapse(struct db *db, struct live *live, struct arena *a, size_t *lapsed, struct err *e)
{
	struct q_job_lapsed_row *rows;
	size_t count = 0;

	*lapsed = 0;
	if (q_job_lapsed(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct lapsing l = { .arena = a,
				     .job = rows[i].id,
				     .pipeline = { rows[i].pipeline_id } };

		if (db_transaction(db, lapse_one, &l, e) < 0)
			return -(int)e->code;
		if (!l.was_lapsed)
			continue;
		FAULT_POINT("lapse.committed");
		*lapsed += 1;
		queue_announce(db, live,
			       &(struct queue_news){
				       { rows[i].project_id }, l.pipeline, { l.job }, l.pending },
			       a);
	}
	return 0;
}

struct starting {
	struct arena *arena;
	int64_t job;
	struct pipeline_id pipeline;
	size_t pending;
	bool was_started;
	bool was_due;
};

static int start_one(struct db *db, void *closure, struct err *e)
{
	struct starting *s = closure;
	const struct job_id id = { s->job };
	enum ci_status is = CI_STATUS_CREATED;
	struct q_job_place_row row = { 0 };
	enum ci_status was;
	bool found;

	s->was_due = false;
	if (pipeline_lock(db, s->pipeline, s->arena, &found, &was, e) < 0)
		return -(int)e->code;
	if (found &&
	    q_job_place(db, &(struct q_job_place_in){ s->job }, s->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || !str_eq_c(row.status, "scheduled"))
		return 0;
	if (job_enqueue(db, id, CI_STATUS_SCHEDULED, s->arena, &is, e) < 0)
		return -(int)e->code;
	s->was_due = true;
	s->was_started = is == CI_STATUS_PENDING;
	if (pipeline_advance(db, s->pipeline, was, s->arena, &s->pending, e) < 0)
		return -(int)e->code;
	s->pending += s->was_started;
	return 0;
}

int job_start_due(struct db *db, struct live *live, struct arena *a, size_t *started, struct err *e)
{
	struct q_job_due_row *rows;
	size_t count = 0;

	*started = 0;
	if (q_job_due(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct starting s = { .arena = a,
				      .job = rows[i].id,
				      .pipeline = { rows[i].pipeline_id } };

		if (db_transaction(db, start_one, &s, e) < 0)
			return -(int)e->code;
		if (!s.was_due)
			continue;
		*started += s.was_started;
		queue_announce(db, live,
			       &(struct queue_news){
				       { rows[i].project_id }, s.pipeline, { s.job }, s.pending },
			       a);
	}
	return 0;
}
