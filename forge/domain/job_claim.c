/* A job gets its runner. */
#include "domain/deploy_job.h"
#include "domain/job_private.h"

#include "secret/secret.h"
#include "store/db.h"

struct claiming {
	const struct runner *runner;
	int64_t manager;
	struct arena *arena;
	struct str token_sha256;
	const struct q_job_candidates_row *candidate;
	struct q_job_claim_row row;
	bool waits; /* for a pipeline that somebody else holds */
	bool is_busy;
	bool found;
	bool is_raced; /* another job got its resource group or environment first */
};

/* *goes: it may run here and now; else it is over, and its pipeline goes on without it. */
static int admit(struct db *db, struct claiming *c, struct pipeline_id pipeline, enum ci_status was,
		 bool *goes, struct err *e)
{
	const struct job_id id = { c->candidate->id };
	struct deploy_judgement judgement;
	struct deploy_job job;
	size_t pending;

	if (deploy_job_find(db, id, c->arena, &job, goes, e) < 0)
		return -(int)e->code;
	if (!*goes)
		return 0;
	if (deploy_job_judge(db, &job, c->arena, &judgement, e) < 0)
		return -(int)e->code;
	*goes = judgement.verdict == DEPLOY_GOES;
	if (*goes)
		return deploy_job_begin(db, &job, c->arena, &c->is_raced, e);
	if (job_refuse(db, id, CI_STATUS_PENDING, &judgement, e) < 0 ||
	    job_cancel_others(db, id, e) < 0)
		return -(int)e->code;
	return pipeline_advance(db, pipeline, was, c->arena, &pending, e);
}

static int take(struct db *db, struct claiming *c, struct err *e)
{
	const struct q_job_claim_in in = { .id = c->candidate->id,
					   .runner_id = c->runner->id.v,
					   .has_manager_id = c->manager != 0,
					   .manager_id = c->manager,
					   .token_sha256 = c->token_sha256,
					   .lease_seconds = JOB_LEASE_SECONDS };

	if (q_job_claim(db, &in, c->arena, &c->row, &c->found, e) == 0)
		return 0;
	c->is_raced = db_violated(db, "job_resource");
	return -(int)e->code;
}

static int lock(struct db *db, struct claiming *c, struct pipeline_id pipeline, enum ci_status *was,
		struct err *e)
{
	if (c->waits)
		return pipeline_lock(db, pipeline, c->arena, &c->found, was, e);
	if (pipeline_try_lock(db, pipeline, c->arena, &c->found, was, e) < 0)
		return -(int)e->code;
	c->is_busy = !c->found;
	return 0;
}

/* While one of its jobs runs a pipeline is running, and a job's start lets no other one start. */
static int advance(struct db *db, const struct claiming *c, struct pipeline_id pipeline,
		   enum ci_status was, struct err *e)
{
	size_t pending;

	if (was == CI_STATUS_RUNNING)
		return 0;
	return pipeline_advance(db, pipeline, was, c->arena, &pending, e);
}

/* Pipeline, environment, then job; somebody may have been quicker at each. */
static int claim_one(struct db *db, void *closure, struct err *e)
{
	struct claiming *c = closure;
	struct pipeline_id pipeline = { c->candidate->pipeline_id };
	struct q_job_place_row place = { 0 };
	bool goes = true;
	enum ci_status was;

	if (lock(db, c, pipeline, &was, e) < 0)
		return -(int)e->code;
	if (!c->found)
		return 0;
	if (c->candidate->has_environment) {
		if (q_job_place(db, &(struct q_job_place_in){ c->candidate->id }, c->arena, &place,
				&c->found, e) < 0)
			return -(int)e->code;
		c->found = c->found && str_eq_c(place.status, "pending");
		if (c->found && admit(db, c, pipeline, was, &goes, e) < 0)
			return -(int)e->code;
		c->found = c->found && goes;
	}
	if (!c->found)
		return 0;
	if (take(db, c, e) < 0)
		return -(int)e->code;
	if (!c->found) {
		/* The deployment that was begun must not stay. */
		c->is_raced = true;
		return err_set(e, ERR_CONFLICT, "job %lld is somebody else's",
			       (long long)c->candidate->id);
	}
	return advance(db, c, pipeline, was, e);
}

static int try_one(struct db *db, struct claiming *c, const struct q_job_candidates_row *candidate,
		   struct err *e)
{
	c->candidate = candidate;
	c->is_raced = c->is_busy = false;
	if (db_transaction(db, claim_one, c, e) == 0)
		return 0;
	if (!c->is_raced)
		return -(int)e->code;
	c->found = false;
	*e = (struct err){ 0 };
	return 0;
}

/*
 * Runners that ask at the same moment have the same candidates: each first takes
 * what nobody is at, and only then waits for the pipelines that were busy.
 */
static int try_all(struct db *db, struct claiming *c, const struct q_job_candidates_row *rows,
		   size_t count, struct err *e)
{
	bool *busy = ARENA_ARRAY(c->arena, bool, count);

	for (size_t i = 0; i < count && !c->found; i++) {
		busy[i] = i > 0 && busy[i - 1] && rows[i].pipeline_id == rows[i - 1].pipeline_id;
		if (busy[i])
			continue;
		if (try_one(db, c, &rows[i], e) < 0)
			return -(int)e->code;
		busy[i] = c->is_busy;
	}
	c->waits = true;
	for (size_t i = 0; i < count && !c->found; i++)
		if (busy[i] && try_one(db, c, &rows[i], e) < 0)
			return -(int)e->code;
	return 0;
}

static int list_candidates(struct db *db, const struct runner *runner, struct arena *a,
			   struct q_job_candidates_row **rows, size_t *count, struct err *e)
{
	struct q_job_candidates_in in = {
		.tags = runner->tags,
		.run_untagged = runner->run_untagged,
		.is_protected = runner->is_protected,
		.has_project_id = runner->kind == RUNNER_PROJECT,
		.project_id = runner->project.v,
		.has_namespace_id = runner->kind == RUNNER_GROUP,
		.namespace_id = runner->namespace.v,
	};

	return q_job_candidates(db, &in, a, rows, count, e);
}

static int32_t timeout_of(const struct runner *runner, int32_t of_job)
{
	if (runner->maximum_timeout > 0 && runner->maximum_timeout < of_job)
		return runner->maximum_timeout;
	return of_job;
}

static void fill(const struct claiming *c, struct str token, struct job_claimed *job)
{
	const struct q_job_claim_row *row = &c->row;

	*job = (struct job_claimed){
		.id = { c->candidate->id },
		.pipeline = { c->candidate->pipeline_id },
		.project = { row->project_id },
		.name = row->name,
		.stage = row->stage,
		.token = token,
		.timeout = timeout_of(c->runner, row->timeout),
		.options = row->options,
		.user = { row->has_user_id ? row->user_id : 0 },
		.queued_seconds = row->queued_seconds,
		.is_exclusive = row->is_exclusive,
	};
}

int job_claim(struct db *db, const struct runner *runner, int64_t manager, struct arena *a,
	      struct job_claimed *job, bool *found, struct err *e)
{
	struct claiming c = { .runner = runner, .manager = manager, .arena = a };
	struct q_job_candidates_row *rows = NULL;
	struct str token;
	size_t count = 0;

	*found = false;
	if (runner->is_paused)
		return 0;
	if (list_candidates(db, runner, a, &rows, &count, e) < 0)
		return -(int)e->code;
	token = secret_token(a, "glcbt-");
	c.token_sha256 = secret_sha256_bytes(a, token);
	if (try_all(db, &c, rows, count, e) < 0)
		return -(int)e->code;
	*found = c.found;
	if (c.found)
		fill(&c, token, job);
	return 0;
}
