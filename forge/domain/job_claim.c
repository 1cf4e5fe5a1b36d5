/* A job gets its runner. */
#include "domain/job.h"

#include "secret/secret.h"
#include "store/db.h"

#include "q/job.h"

struct claiming {
	const struct runner *runner;
	int64_t manager;
	struct arena *arena;
	struct str token_sha256;
	const struct q_job_candidates_row *candidate;
	struct q_job_claim_row row;
	bool found;
};

/* Pipeline, then job; somebody may have been quicker at either. */
static int claim_one(struct db *db, void *closure, struct err *e)
{
	struct claiming *c = closure;
	struct pipeline_id pipeline = { c->candidate->pipeline_id };
	enum ci_status was;
	size_t pending;

	if (pipeline_lock(db, pipeline, c->arena, &c->found, &was, e) < 0)
		return -(int)e->code;
	if (!c->found)
		return 0;
	if (q_job_claim(db,
			&(struct q_job_claim_in){ .id = c->candidate->id,
						  .runner_id = c->runner->id.v,
						  .has_manager_id = c->manager != 0,
						  .manager_id = c->manager,
						  .token_sha256 = c->token_sha256,
						  .lease_seconds = JOB_LEASE_SECONDS },
			c->arena, &c->row, &c->found, e) < 0)
		return -(int)e->code;
	return c->found ? pipeline_advance(db, pipeline, was, c->arena, &pending, e) : 0;
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
	for (size_t i = 0; i < count; i++) {
		c.candidate = &rows[i];
		if (db_transaction(db, claim_one, &c, e) < 0)
			return -(int)e->code;
		if (c.found) {
			fill(&c, token, job);
			*found = true;
			return 0;
		}
	}
	return 0;
}
