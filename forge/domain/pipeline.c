#include "domain/pipeline.h"

#include "base/list.h"
#include "ci/job_options.h"
#include "domain/event.h"
#include "domain/job_private.h"
#include "domain/merge.h"
#include "store/db.h"

#include "q/job.h"
#include "q/pipeline.h"

#define OPTIONS_MAX (4u * 1024 * 1024)
#define ZERO_SHA "0000000000000000000000000000000000000000"

static const char *const auto_cancel_words[] = {
	[CI_CANCEL_CONSERVATIVE] = "conservative",
	[CI_CANCEL_INTERRUPTIBLE] = "interruptible",
	[CI_CANCEL_NONE] = "none",
};

struct creating {
	const struct pipeline_new *in;
	const struct ci_plan *plan;
	struct arena *arena;
	struct pipeline_made *made;
};

/* ------------------------------------------------------------------------- making */

static enum ci_status first_status(const struct creating *c)
{
	if (c->in->is_skipped)
		return CI_STATUS_SKIPPED;
	return c->plan->outcome == CI_ERROR ? CI_STATUS_FAILED : CI_STATUS_CREATED;
}

static int add_pipeline(struct db *db, const struct creating *c, struct q_pipeline_add_row *row,
			struct err *e)
{
	const struct pipeline_new *in = c->in;
	const struct ci_plan *plan = c->plan;
	bool is_bad = plan->outcome == CI_ERROR && !in->is_skipped;
	struct q_pipeline_add_in add = {
		.project_id = in->project.v,
		.iid = c->made->iid,
		.has_push_id = in->push_id != 0,
		.push_id = in->push_id,
		.source = str_c(ci_pipeline_source_name(in->source)),
		.ref = in->ref,
		.ref_name = in->ref_name,
		.is_tag = in->is_tag,
		.sha = in->sha,
		.before_sha = str_is_empty(in->before_sha) ? STR(ZERO_SHA) : in->before_sha,
		.status = str_c(ci_status_name(first_status(c))),
		.name = str_is_empty(plan->name) ? STR_NONE : plan->name,
		.has_user_id = in->user.v != 0,
		.user_id = in->user.v,
		.is_protected = in->is_protected,
		.config_error = is_bad ? plan->problem.text : STR_NONE,
		.config_file = is_bad ? plan->problem.mark.file : STR_NONE,
		.has_config_line = is_bad && plan->problem.mark.line > 0,
		.config_line = plan->problem.mark.line,
		.has_config_column = is_bad && plan->problem.mark.column > 0,
		.config_column = plan->problem.mark.column,
		.auto_cancel = str_c(auto_cancel_words[plan->on_new_commit]),
		.cancels_on_failure = plan->cancels_on_job_failure,
		.source_sha = in->source_sha,
		.target_sha = in->target_sha,
	};

	if (q_pipeline_add(db, &add, c->arena, row, e) == 0)
		return 0;
	if (db_violated(db, "pipeline_once"))
		return err_set(e, ERR_CONFLICT, "This push has its pipeline for %.*s already.",
			       STR_FMT(in->ref_name));
	return -(int)e->code;
}

static struct str_list names_of_needs(struct arena *a, const struct ci_needs *needs)
{
	struct str_list names = { ARENA_ARRAY(a, struct str, needs->count), needs->count };

	for (size_t i = 0; i < needs->count; i++)
		names.items[i] = needs->items[i].job;
	return names;
}

static struct str_list list_of(const struct ci_texts *texts)
{
	return (struct str_list){ texts->items, texts->count };
}

static struct i64_list codes_of(int64_t *items, size_t count)
{
	return (struct i64_list){ items, count };
}

static int options_of(const struct ci_plan_job *job, struct arena *a, struct str *options,
		      struct err *e)
{
	struct buf b;
	struct jsonw w;
	int result;

	buf_init(&b, OPTIONS_MAX);
	w = jsonw_to(&b);
	ci_job_options_emit(&w, job);
	result = buf_check(&b, "a job's script and variables together", e);
	if (result == 0)
		*options = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return result;
}

static int32_t timeout_of(const struct ci_job *config)
{
	return config->timeout > 0 ? (int32_t)config->timeout : PIPELINE_TIMEOUT_DEFAULT;
}

static int add_job(struct db *db, const struct creating *c, size_t at, struct err *e)
{
	const struct ci_plan_job *job = &c->plan->jobs[at];
	const struct ci_job *config = job->config;
	bool has_environment = !str_is_none(job->environment_name);
	struct q_job_add_row row;
	struct q_job_add_in in = {
		.project_id = c->in->project.v,
		.pipeline_id = c->made->id.v,
		.name = config->name,
		.stage = config->stage,
		.stage_index = (int32_t)job->stage,
		.position = (int32_t)at,
		.run_when = str_c(ci_when_name(job->when)),
		.start_in = (int32_t)job->start_in,
		.allow_failure = job->allow_failure.value == CI_YES,
		.allow_failure_codes =
			codes_of(job->allow_failure.exit_codes, job->allow_failure.count),
		.has_needs = job->needs.is_set,
		.needs = names_of_needs(c->arena, &job->needs),
		.artifacts_of = list_of(&job->artifacts_of),
		.tags = list_of(&job->tags),
		.is_protected = c->in->is_protected,
		.is_interruptible = job->interruptible,
		.timeout = timeout_of(config),
		.retry_max = (int32_t)config->retry.max,
		.retry_when = list_of(&config->retry.when),
		.retry_codes = codes_of(config->retry.exit_codes, config->retry.exit_code_count),
		.environment = has_environment ? job->environment_name : STR_NONE,
		.environment_action =
			has_environment
				? str_c(ci_environment_action_name(config->environment.action))
				: STR_NONE,
		.resource_group = job->resource_group,
		.has_user_id = c->in->user.v != 0,
		.user_id = c->in->user.v,
	};

	if (options_of(job, c->arena, &in.options, e) < 0)
		return -(int)e->code;
	return q_job_add(db, &in, c->arena, &row, e);
}

static int create(struct db *db, void *closure, struct err *e)
{
	const struct creating *c = closure;
	struct q_pipeline_next_iid_row iid;
	struct q_pipeline_add_row row;

	if (q_pipeline_next_iid(db, &(struct q_pipeline_next_iid_in){ c->in->project.v }, c->arena,
				&iid, e) < 0)
		return -(int)e->code;
	c->made->iid = iid.iid;
	if (add_pipeline(db, c, &row, e) < 0)
		return -(int)e->code;
	c->made->id.v = row.id;
	c->made->status = first_status(c);
	if (c->made->status != CI_STATUS_CREATED)
		return 0;
	for (size_t i = 0; i < c->plan->job_count; i++) {
		struct arena_mark mark = arena_mark(c->arena);
		int failed = add_job(db, c, i, e);

		/* Each job's scripts as JSON: one at a time is enough in memory. */
		arena_reset(c->arena, mark);
		if (failed)
			return failed;
	}
	if (event_add(db, EVENT_PIPELINE, c->in->project, c->made->id.v, e) < 0)
		return -(int)e->code;
	return pipeline_advance(db, c->made->id, CI_STATUS_CREATED, c->arena, &c->made->pending, e);
}

int pipeline_create(struct db *db, const struct pipeline_new *in, const struct ci_plan *plan,
		    struct arena *a, struct pipeline_made *made, struct err *e)
{
	struct creating c = { in, plan, a, made };

	ASSERT(plan->outcome == CI_CREATED || plan->outcome == CI_ERROR);
	*made = (struct pipeline_made){ 0 };
	return db_transaction(db, create, &c, e);
}

/* ------------------------------------------------------------------------ changing */

static enum ci_status status_of(struct str text)
{
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

int pipeline_lock(struct db *db, struct pipeline_id id, struct arena *a, bool *found,
		  enum ci_status *status, struct err *e)
{
	struct q_pipeline_lock_row row = { 0 };

	ASSERT(db_in_transaction(db));
	if (q_pipeline_lock(db, &(struct q_pipeline_lock_in){ id.v }, a, &row, found, e) < 0)
		return -(int)e->code;
	if (*found)
		*status = status_of(row.status);
	return 0;
}

int pipeline_try_lock(struct db *db, struct pipeline_id id, struct arena *a, bool *found,
		      enum ci_status *status, struct err *e)
{
	struct q_pipeline_lock_free_row row = { 0 };

	ASSERT(db_in_transaction(db));
	if (q_pipeline_lock_free(db, &(struct q_pipeline_lock_free_in){ id.v }, a, &row, found, e) <
	    0)
		return -(int)e->code;
	if (*found)
		*status = status_of(row.status);
	return 0;
}

struct advancing {
	struct arena *arena;
	struct q_job_states_row *rows;
	struct ci_job_state *states;
	enum ci_step *steps;
	size_t count;
};

static size_t position_of(const struct advancing *v, struct str name)
{
	size_t i = 0;

	while (i < v->count && !str_eq(v->rows[i].name, name))
		i++;
	return i;
}

static void read_state(const struct advancing *v, size_t at)
{
	const struct q_job_states_row *row = &v->rows[at];
	size_t *needs = ARENA_ARRAY(v->arena, size_t, row->needs.count);
	enum ci_when when = CI_ON_SUCCESS;
	bool is_known = ci_when_parse(row->run_when, &when);
	size_t count = 0;

	ASSERT(is_known);
	for (size_t i = 0; i < row->needs.count; i++) {
		size_t needed = position_of(v, row->needs.items[i]);

		if (needed < v->count)
			needs[count++] = needed;
	}
	v->states[at] = (struct ci_job_state){ .status = status_of(row->status),
					       .allow_failure = row->allow_failure,
					       .stage = (size_t)row->stage_index,
					       .when = when,
					       .has_needs = row->has_needs,
					       .needs = needs,
					       .needs_count = count };
}

static int set_waiting(struct db *db, const struct advancing *v, size_t at, struct err *e)
{
	const struct q_job_states_row *row = &v->rows[at];
	int64_t affected;

	if (q_job_set_status(db,
			     &(struct q_job_set_status_in){
				     .id = row->id,
				     .from_status = row->status,
				     .status = str_c(ci_status_name(v->states[at].status)),
				     .start_in = row->start_in },
			     &affected, e) < 0)
		return -(int)e->code;
	if (affected != 1)
		return err_set(e, ERR_INTERNAL, "job %lld changed under its pipeline's lock",
			       (long long)row->id);
	return 0;
}

/* *refused: its environment did not take it, so what follows is to be decided anew. */
static int take_step(struct db *db, const struct advancing *v, size_t at, bool *refused,
		     struct err *e)
{
	const struct q_job_states_row *row = &v->rows[at];

	if (v->steps[at] == CI_STEP_NONE)
		return 0;
	if (v->steps[at] != CI_STEP_ENQUEUE || !row->has_environment)
		return set_waiting(db, v, at, e);
	if (job_enqueue(db, (struct job_id){ row->id }, status_of(row->status), v->arena,
			&v->states[at].status, e) < 0)
		return -(int)e->code;
	*refused |= v->states[at].status != CI_STATUS_PENDING;
	return 0;
}

/* One round: every step that the states allow now. */
static int take_steps(struct db *db, struct pipeline_id id, struct advancing *v, size_t *pending,
		      bool *refused, struct err *e)
{
	*refused = false;
	if (q_job_states(db, &(struct q_job_states_in){ id.v }, v->arena, &v->rows, &v->count, e) <
	    0)
		return -(int)e->code;
	v->states = ARENA_ARRAY(v->arena, struct ci_job_state, v->count);
	v->steps = ARENA_ARRAY(v->arena, enum ci_step, v->count);
	for (size_t i = 0; i < v->count; i++)
		read_state(v, i);
	(void)ci_status_advance(v->states, v->count, v->steps);
	for (size_t i = 0; i < v->count && !*refused; i++) {
		if (take_step(db, v, i, refused, e) < 0)
			return -(int)e->code;
		*pending +=
			v->steps[i] == CI_STEP_ENQUEUE && v->states[i].status == CI_STATUS_PENDING;
	}
	return 0;
}

static int write_status(struct db *db, struct pipeline_id id, enum ci_status was, enum ci_status is,
			struct err *e)
{
	bool is_over = ci_status_is_complete(is);

	if (is == was)
		return 0;
	if (q_pipeline_set_status(db,
				  &(struct q_pipeline_set_status_in){
					  .id = id.v,
					  .from_status = str_c(ci_status_name(was)),
					  .status = str_c(ci_status_name(is)),
					  .is_started = is == CI_STATUS_RUNNING || is_over,
					  .is_finished = is_over },
				  NULL, e) < 0)
		return -(int)e->code;
	return is_over ? merge_request_note_pipeline(db, id, e) : 0;
}

int pipeline_advance(struct db *db, struct pipeline_id id, enum ci_status was, struct arena *a,
		     size_t *pending, struct err *e)
{
	struct advancing v = { .arena = a };
	bool refused = true;

	ASSERT(db_in_transaction(db));
	*pending = 0;
	while (refused)
		if (take_steps(db, id, &v, pending, &refused, e) < 0)
			return -(int)e->code;
	return write_status(db, id, was, ci_status_of_pipeline(v.states, v.count), e);
}
