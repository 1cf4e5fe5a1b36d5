/* What nobody waits for any more: pipelines that a newer one replaces, jobs no runner came for. */
#include "domain/deploy_job.h"
#include "domain/job_private.h"
#include "domain/pipeline_change.h"
#include "domain/queue.h"

#include "q/pipeline.h"

struct replacing {
	struct pipeline_id id;
	bool only_interruptible;
	struct arena *arena;
	bool was_canceled;
};

/* "conservative": not once a job has started that must not be broken off. */
static int may_cancel(struct db *db, const struct replacing *r, bool *may, struct err *e)
{
	struct q_pipeline_has_firm_start_row firm = { 0 };

	*may = true;
	if (r->only_interruptible)
		return 0;
	if (q_pipeline_has_firm_start(db, &(struct q_pipeline_has_firm_start_in){ r->id.v },
				      r->arena, &firm, e) < 0)
		return -(int)e->code;
	*may = !firm.has;
	return 0;
}

static int replace_one(struct db *db, void *closure, struct err *e)
{
	struct replacing *r = closure;
	const struct q_job_cancel_all_in in = { .pipeline_id = r->id.v,
						.only_interruptible = r->only_interruptible };
	struct q_job_cancel_all_row *rows = NULL;
	enum ci_status was;
	size_t count = 0;
	size_t pending;
	bool may = false;
	bool found;

	r->was_canceled = false;
	if (pipeline_lock(db, r->id, r->arena, &found, &was, e) < 0 ||
	    (found && may_cancel(db, r, &may, e) < 0))
		return -(int)e->code;
	if (!may)
		return 0;
	if (q_job_cancel_all(db, &in, r->arena, &rows, &count, e) < 0)
		return -(int)e->code;
	r->was_canceled = count > 0;
	return count > 0 ? pipeline_advance(db, r->id, was, r->arena, &pending, e) : 0;
}

int pipeline_cancel_redundant(struct db *db, struct pipeline_id by, struct arena *a,
			      struct i64_list *canceled, struct err *e)
{
	struct q_pipeline_redundant_row *rows = NULL;
	size_t count = 0;

	if (q_pipeline_redundant(db, &(struct q_pipeline_redundant_in){ by.v }, a, &rows, &count,
				 e) < 0)
		return -(int)e->code;
	*canceled = (struct i64_list){ ARENA_ARRAY(a, int64_t, count), 0 };
	for (size_t i = 0; i < count; i++) {
		struct replacing r = {
			.id = { rows[i].id },
			.only_interruptible = str_eq_c(rows[i].auto_cancel, "interruptible"),
			.arena = a,
		};

		if (db_transaction(db, replace_one, &r, e) < 0)
			return -(int)e->code;
		if (r.was_canceled)
			canceled->items[canceled->count++] = rows[i].id;
	}
	return 0;
}

struct dropping {
	struct job_id job;
	struct pipeline_id pipeline;
	struct arena *arena;
	size_t pending;
	bool was_dropped;
};

static int drop_one(struct db *db, void *closure, struct err *e)
{
	const struct deploy_judgement stuck = {
		.verdict = DEPLOY_FAILS,
		.reason = STR("stuck_or_timeout_failure"),
		.message = STR("No runner took this job within 24 hours. See whether a runner with "
			       "its tags is online, then retry it."),
	};
	struct dropping *d = closure;
	struct q_job_place_row row = { 0 };
	enum ci_status was;
	bool found;

	d->was_dropped = false;
	if (pipeline_lock(db, d->pipeline, d->arena, &found, &was, e) < 0)
		return -(int)e->code;
	if (found &&
	    q_job_place(db, &(struct q_job_place_in){ d->job.v }, d->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || !str_eq_c(row.status, "pending"))
		return 0;
	d->was_dropped = true;
	if (job_refuse(db, d->job, CI_STATUS_PENDING, &stuck, e) < 0 ||
	    job_cancel_others(db, d->job, e) < 0)
		return -(int)e->code;
	return pipeline_advance(db, d->pipeline, was, d->arena, &d->pending, e);
}

int pipeline_drop_stuck(struct db *db, struct live *live, struct arena *a, size_t *dropped,
			struct err *e)
{
	struct q_job_stuck_row *rows = NULL;
	size_t count = 0;

	*dropped = 0;
	if (q_job_stuck(db, &(struct q_job_stuck_in){ JOB_PENDING_HOURS }, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct dropping d = { .job = { rows[i].id },
				      .pipeline = { rows[i].pipeline_id },
				      .arena = a };

		if (db_transaction(db, drop_one, &d, e) < 0)
			return -(int)e->code;
		if (!d.was_dropped)
			continue;
		*dropped += 1;
		queue_announce(db, live,
			       &(struct queue_news){
				       { rows[i].project_id }, d.pipeline, d.job, d.pending },
			       a);
	}
	return 0;
}
