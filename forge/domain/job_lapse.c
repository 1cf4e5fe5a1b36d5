/* What time does to jobs: a lease that lapsed, a start that is due. */
#include "domain/job_private.h"

struct lapsing {
	struct arena *arena;
	int64_t job;
	struct pipeline_id pipeline;
	size_t pending;
	bool was_lapsed;
};

static int lapse_one(struct db *db, void *closure, struct err *e)
{
	struct lapsing *l = closure;
	struct q_job_lapse_row row = { 0 };
	enum ci_status was;
	size_t pending;
	bool found;

	l->pending = 0;
	if (pipeline_lock(db, l->pipeline, l->arena, &found, &was, e) < 0)
		return -(int)e->code;
	if (found &&
	    q_job_lapse(db, &(struct q_job_lapse_in){ l->job }, l->arena, &row, &found, e) < 0)
		return -(int)e->code;
	l->was_lapsed = found;
	if (!found)
		return 0;
	l->pending = str_eq(row.status, STR("pending"));
	if (str_eq(row.status, STR("failed")) &&
	    job_retry_by_rule(db, (struct job_id){ l->job }, l->arena, e) < 0)
		return -(int)e->code;
	if (pipeline_advance(db, l->pipeline, was, l->arena, &pending, e) < 0)
		return -(int)e->code;
	l->pending += pending;
	return 0;
}

int job_lapse(struct db *db, struct arena *a, size_t *lapsed, size_t *pending, struct err *e)
{
	struct q_job_lapsed_row *rows;
	size_t count = 0;

	*lapsed = *pending = 0;
	if (q_job_lapsed(db, a, &rows, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		struct lapsing l = { .arena = a,
				     .job = rows[i].id,
				     .pipeline = { rows[i].pipeline_id } };

		if (db_transaction(db, lapse_one, &l, e) < 0)
			return -(int)e->code;
		*lapsed += l.was_lapsed;
		*pending += l.pending;
	}
	return 0;
}

struct starting {
	struct arena *arena;
	int64_t job;
	struct pipeline_id pipeline;
	bool was_started;
};

static int start_one(struct db *db, void *closure, struct err *e)
{
	struct starting *s = closure;
	int64_t affected = 0;
	enum ci_status was;
	size_t pending;
	bool found;

	if (pipeline_lock(db, s->pipeline, s->arena, &found, &was, e) < 0)
		return -(int)e->code;
	if (found &&
	    q_job_set_status(db,
			     &(struct q_job_set_status_in){ .id = s->job,
							    .from_status = STR("scheduled"),
							    .status = STR("pending") },
			     &affected, e) < 0)
		return -(int)e->code;
	s->was_started = affected == 1;
	return s->was_started ? pipeline_advance(db, s->pipeline, was, s->arena, &pending, e) : 0;
}

int job_start_due(struct db *db, struct arena *a, size_t *started, struct err *e)
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
		*started += s.was_started;
	}
	return 0;
}
