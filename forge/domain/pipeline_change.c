/* Whole pipelines; their jobs for pages and API are pipeline_change_job.c, redundant ones
 * pipeline_redundant.c. */
#include "domain/pipeline_change.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/job_private.h"
#include "domain/pipeline_right.h"

#include "q/pipeline.h"

struct changing {
	const struct actor *actor;
	struct project_id project;
	struct pipeline_id id;
	struct arena *arena;
	size_t pending;
};

static struct err *not_found(struct err *e)
{
	err_set(e, ERR_NOT_FOUND, "404 Pipeline Not Found");
	return e;
}

/* Through its project, and only for who may; then locked. */
static int check_right(struct db *db, const struct changing *c, struct err *e)
{
	const struct q_pipeline_place_in in = { c->project.v, c->id.v };
	struct project_access access;
	struct q_pipeline_place_row row = { 0 };
	bool found;

	if (access_find_project_by_id(db, c->actor, c->project, c->arena, &access, e) < 0 ||
	    q_pipeline_place(db, &in, c->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return -(int)not_found(e)->code;
	return pipeline_check_right(db, c->actor, &access.target, c->project, row.ref, c->arena, e);
}

static int lock(struct db *db, const struct changing *c, enum ci_status *was, struct err *e)
{
	bool found;

	if (pipeline_lock(db, c->id, c->arena, &found, was, e) < 0)
		return -(int)e->code;
	return found ? 0 : -(int)not_found(e)->code;
}

/* ------------------------------------------------------------------------- cancel */

static int cancel(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	struct q_job_cancel_all_row *rows = NULL;
	enum ci_status was;
	size_t count = 0;

	if (lock(db, c, &was, e) < 0 ||
	    q_job_cancel_all(db, &(struct q_job_cancel_all_in){ .pipeline_id = c->id.v }, c->arena,
			     &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return err_set(e, ERR_CONFLICT, "Pipeline #%lld is %s: there is nothing to cancel.",
			       (long long)c->id.v, ci_status_name(was));
	return pipeline_advance(db, c->id, was, c->arena, &c->pending, e);
}

int pipeline_cancel(struct db *db, const struct actor *actor, struct project_id project,
		    struct pipeline_id id, struct arena *a, struct err *e)
{
	struct changing c = { .actor = actor, .project = project, .id = id, .arena = a };

	if (check_right(db, &c, e) < 0)
		return -(int)e->code;
	return db_transaction(db, cancel, &c, e);
}

/* ------------------------------------------------------------------------- retry */

/* A deploy job that is among them goes by the order of deployments: nobody asked for just it. */
static int retry_one(struct db *db, const struct changing *c, int64_t job, struct err *e)
{
	const struct job_again how = { .user = c->actor->user };
	struct job_id again;
	bool found;

	if (job_add_retry(db, (struct job_id){ job }, &how, c->arena, &again, &found, e) < 0)
		return -(int)e->code;
	return found ? job_reconsider_skipped(db, again, c->arena, e) : 0;
}

static int retry(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	struct q_pipeline_failed_jobs_row *rows = NULL;
	enum ci_status was;
	size_t count = 0;

	if (lock(db, c, &was, e) < 0 ||
	    q_pipeline_failed_jobs(db, &(struct q_pipeline_failed_jobs_in){ c->id.v }, c->arena,
				   &rows, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return err_set(e, ERR_CONFLICT,
			       "Pipeline #%lld has no job that failed or was canceled, so there is "
			       "nothing to retry. A job that succeeded is retried by itself.",
			       (long long)c->id.v);
	for (size_t i = 0; i < count; i++)
		if (retry_one(db, c, rows[i].id, e) < 0)
			return -(int)e->code;
	return pipeline_advance(db, c->id, was, c->arena, &c->pending, e);
}

int pipeline_retry_whole(struct db *db, const struct actor *actor, struct project_id project,
			 struct pipeline_id id, struct arena *a, size_t *pending, struct err *e)
{
	struct changing c = { .actor = actor, .project = project, .id = id, .arena = a };
	int result = check_right(db, &c, e);

	if (result == 0)
		result = db_transaction(db, retry, &c, e);
	*pending = c.pending;
	return result;
}

/* ------------------------------------------------------------------------- delete */

static int check_unused(struct db *db, const struct changing *c, struct err *e)
{
	struct q_pipeline_holds_row row = { 0 };
	bool found;

	if (q_pipeline_holds(db, &(struct q_pipeline_holds_in){ c->id.v }, c->arena, &row, &found,
			     e) < 0)
		return -(int)e->code;
	if (!found)
		return -(int)not_found(e)->code;
	if (row.runs)
		return err_set(e, ERR_CONFLICT,
			       "A job of this pipeline runs. Cancel the pipeline, then delete it.");
	if (!str_is_none(row.environment))
		return err_set(e, ERR_CONFLICT,
			       "What stands in %.*s comes from this pipeline, so it cannot be "
			       "deleted. Deploy another one there, or stop the environment.",
			       STR_FMT(str_upto(row.environment, 100)));
	return 0;
}

static int remove_one(struct db *db, void *closure, struct err *e)
{
	struct changing *c = closure;
	const struct audit_event event = { .act = "pipeline.remove",
					   .object_kind = "pipeline",
					   .object_id = c->id.v,
					   .object =
						   arena_fmt(c->arena, "#%lld", (long long)c->id.v),
					   .project = c->project };
	enum ci_status was;

	if (lock(db, c, &was, e) < 0 || check_unused(db, c, e) < 0 ||
	    q_pipeline_remove(db, &(struct q_pipeline_remove_in){ c->id.v }, NULL, e) < 0)
		return -(int)e->code;
	return audit_record(db, c->actor, &event, e);
}

int pipeline_remove(struct db *db, const struct actor *actor, struct project_id project,
		    struct pipeline_id id, struct arena *a, struct err *e)
{
	struct changing c = { .actor = actor, .project = project, .id = id, .arena = a };
	const struct q_pipeline_place_in in = { project.v, id.v };
	struct project_access access;
	struct q_pipeline_place_row row;
	bool found;

	if (access_find_project_by_id(db, actor, project, a, &access, e) < 0 ||
	    access_check(actor, ACTION_PIPELINE_REMOVE, &access.target, e) < 0 ||
	    q_pipeline_place(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return -(int)not_found(e)->code;
	return db_transaction(db, remove_one, &c, e);
}
