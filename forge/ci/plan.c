#include "ci/plan.h"

#include "ci/extends.h"
#include "ci/graph.h"
#include "ci/include.h"

struct making {
	struct ci_planning *p;
	struct ci_config config;
	const struct ci_rule *workflow_rule; /* NULL if there are no rules */
	struct ci_plan *plan;
	size_t bytes; /* of its jobs so far */
};

static const char no_jobs_text[] =
	"The pipeline did not run: no job is left. The rules configuration prevented any jobs "
	"from being added to the pipeline.";
static const char workflow_text[] = "Pipeline filtered out by workflow rules.";

/* What rules see: predefined < YAML < stored < pipeline; scratch memory. `yaml` may be NULL. */
static void context_variables(const struct making *m, const struct ci_job *job,
			      const struct ci_variables *yaml, struct ci_variables *variables)
{
	const struct ci_context *c = m->p->context;

	ci_variables_init(variables, m->p->scratch);
	ci_variables_add(variables, c->predefined);
	if (job)
		ci_plan_job_variables(m->p->scratch, job, variables);
	ci_variables_add(variables, yaml);
	ci_variables_add(variables, c->stored);
	ci_variables_add(variables, c->pipeline);
}

void ci_plan_job_variables(struct arena *a, const struct ci_job *job,
			   struct ci_variables *variables)
{
	ci_variables_set_text(variables, "CI_JOB_NAME", job->name);
	ci_variables_set_text(variables, "CI_JOB_NAME_SLUG", ci_slug(a, job->name));
	ci_variables_set_text(variables, "CI_JOB_GROUP_NAME", job->name);
	ci_variables_set_text(variables, "CI_JOB_STAGE", job->stage);
	ci_variables_set_text(variables, "CI_NODE_TOTAL", STR("1"));
}

/* ------------------------------------------------------------------ workflow */

static int decide_workflow(struct making *m, bool *runs, struct err *e)
{
	struct ci_variables variables;

	*runs = true;
	if (!m->config.workflow_rules.is_set)
		return 0;
	context_variables(m, NULL, &m->config.variables, &variables);
	if (ci_rules_decide(m->p, &m->config.workflow_rules, &variables, &m->workflow_rule, e) < 0)
		return -(int)e->code;
	*runs = m->workflow_rule &&
		!(m->workflow_rule->has_when && m->workflow_rule->when == CI_NEVER);
	return 0;
}

/* ---------------------------------------------------------------------- jobs */

static bool inherits_variable(const struct ci_job *job, struct str key)
{
	if (job->inherits_variables != CI_UNSET)
		return job->inherits_variables == CI_YES;
	for (size_t i = 0; i < job->inherited_variables.count; i++)
		if (str_eq(job->inherited_variables.items[i], key))
			return true;
	return false;
}

static void add_inherited(const struct ci_job *job, const struct ci_variables *from,
			  struct ci_variables *to)
{
	for (size_t i = 0; i < from->count; i++)
		if (inherits_variable(job, from->items[i].key))
			ci_variables_set(to, from->items[i]);
}

static void yaml_variables(const struct making *m, const struct ci_job *job,
			   struct ci_variables *variables)
{
	ci_variables_init(variables, m->p->arena);
	add_inherited(job, &m->config.variables, variables);
	if (m->workflow_rule)
		add_inherited(job, &m->workflow_rule->variables, variables);
	ci_variables_add(variables, &job->variables);
}

/* A job that names neither rules nor refs runs for branches and tags. */
static bool admitted_by_default(const struct making *m)
{
	return m->config.workflow_rules.is_set || m->p->context->source != CI_SOURCE_MERGE_REQUEST;
}

static void start_from_config(const struct ci_job *job, struct ci_plan_job *planned)
{
	planned->config = job;
	planned->when = job->has_when ? job->when : CI_ON_SUCCESS;
	planned->start_in = job->start_in;
	planned->allow_failure = job->allow_failure;
	if (planned->allow_failure.value == CI_UNSET)
		planned->allow_failure.value =
			job->has_when && job->when == CI_MANUAL ? CI_YES : CI_NO;
	planned->interruptible = job->interruptible;
	planned->needs = job->needs;
}

static void apply_rule(const struct ci_rule *rule, struct ci_plan_job *planned)
{
	if (rule->has_when) {
		planned->when = rule->when;
		planned->start_in = rule->start_in;
	}
	if (rule->allow_failure.value != CI_UNSET)
		planned->allow_failure = rule->allow_failure;
	if (rule->interruptible != CI_UNSET)
		planned->interruptible = rule->interruptible == CI_YES;
	if (rule->needs.is_set)
		planned->needs = rule->needs;
	ci_variables_add(&planned->variables, &rule->variables);
}

/* Whether a job is in the pipeline, and with what its rules make of it. */
static int plan_job(struct making *m, const struct ci_job *job, struct ci_plan_job *planned,
		    bool *is_in, struct err *e)
{
	const struct ci_rule *rule = NULL;
	struct ci_variables seen;

	start_from_config(job, planned);
	yaml_variables(m, job, &planned->variables);
	context_variables(m, job, &planned->variables, &seen);
	if (job->rules.is_set) {
		if (ci_rules_decide(m->p, &job->rules, &seen, &rule, e) < 0)
			return -(int)e->code;
		if (rule)
			apply_rule(rule, planned);
		*is_in = rule && planned->when != CI_NEVER;
		return 0;
	}
	*is_in = admitted_by_default(m);
	if ((job->only.is_set || job->except.is_set) &&
	    ci_ref_filters_admit(m->p, &job->only, &job->except, &seen, is_in, e) < 0)
		return -(int)e->code;
	/* `except` alone leaves the default of `only` in force. */
	if (!job->only.is_set && !admitted_by_default(m))
		*is_in = false;
	*is_in = *is_in && planned->when != CI_NEVER;
	return 0;
}

static void expand_job(struct making *m, struct ci_plan_job *planned)
{
	const struct ci_job *job = planned->config;
	struct arena *a = m->p->arena;
	struct ci_variables seen;

	context_variables(m, job, &planned->variables, &seen);
	if (!str_is_none(job->environment.name)) {
		planned->environment_name = ci_variables_expand(&seen, a, job->environment.name);
		ci_variables_set_text(&seen, "CI_ENVIRONMENT_NAME", planned->environment_name);
	}
	if (!str_is_none(job->resource_group))
		planned->resource_group = ci_variables_expand(&seen, a, job->resource_group);
	planned->tags =
		(struct ci_texts){ ARENA_ARRAY(a, struct str, job->tags.count), job->tags.count };
	for (size_t i = 0; i < job->tags.count; i++)
		planned->tags.items[i] = ci_variables_expand(&seen, a, job->tags.items[i]);
}

static size_t bytes_of_texts(const struct ci_texts *texts)
{
	size_t bytes = 0;

	for (size_t i = 0; i < texts->count; i++)
		bytes += texts->items[i].n;
	return bytes;
}

static size_t bytes_of_variables(const struct ci_variables *v)
{
	size_t bytes = 0;

	for (size_t i = 0; i < v->count; i++)
		bytes += v->items[i].key.n + v->items[i].value.n;
	return bytes;
}

static size_t bytes_of_job(const struct ci_plan_job *planned)
{
	const struct ci_job *job = planned->config;
	size_t bytes = bytes_of_texts(&job->script) + bytes_of_texts(&job->before_script) +
		       bytes_of_texts(&job->after_script) + bytes_of_texts(&planned->tags) +
		       bytes_of_texts(&job->artifacts.paths) +
		       bytes_of_texts(&job->artifacts.exclude) + job->artifacts.name.n +
		       bytes_of_variables(&planned->variables) + job->environment.url.n;

	for (size_t i = 0; i < job->cache_count; i++)
		bytes += bytes_of_texts(&job->caches[i].paths) + job->caches[i].key.n;
	for (size_t i = 0; i < job->service_count; i++)
		bytes += bytes_of_variables(&job->services[i].variables) +
			 bytes_of_texts(&job->services[i].command) +
			 bytes_of_texts(&job->services[i].entrypoint);
	return bytes;
}

/* Anchors and extends make of a small file texts without end: each job keeps its own. */
static int weigh(struct making *m, const struct ci_plan_job *planned, struct err *e)
{
	size_t bytes = bytes_of_job(planned);

	if (bytes > CI_JOB_BYTES_MAX)
		return ci_fail_at(&m->p->fail, planned->config->mark, e,
				  "this job holds more than %u kB of scripts, variables and paths: "
				  "keep large texts in files of the repository",
				  CI_JOB_BYTES_MAX >> 10);
	m->bytes += bytes;
	if (m->bytes <= CI_PLAN_BYTES_MAX)
		return 0;
	return ci_fail_at(&m->p->fail, planned->config->mark, e,
			  "the jobs of the pipeline hold more than %u MB of scripts, variables and "
			  "paths together: keep large texts in files of the repository",
			  CI_PLAN_BYTES_MAX >> 20);
}

static int plan_jobs(struct making *m, struct err *e)
{
	const struct ci_config *config = &m->config;
	struct ci_plan *plan = m->plan;

	plan->jobs = ARENA_ARRAY(m->p->arena, struct ci_plan_job, config->job_count);
	for (size_t stage = 0; stage < config->stages.count; stage++) {
		for (size_t i = 0; i < config->job_count; i++) {
			struct ci_plan_job *planned = &plan->jobs[plan->job_count];
			struct arena_mark mark = arena_mark(m->p->scratch);
			bool is_in;

			if (!str_eq(config->jobs[i].stage, config->stages.items[stage]))
				continue;
			if (plan_job(m, &config->jobs[i], planned, &is_in, e) < 0)
				return -(int)e->code;
			if (is_in) {
				expand_job(m, planned);
				if (weigh(m, planned, e) < 0)
					return -(int)e->code;
				plan->job_count++;
			} else {
				*planned = (struct ci_plan_job){ 0 };
			}
			arena_reset(m->p->scratch, mark);
		}
	}
	return 0;
}

/* -------------------------------------------------- what the jobs make together */

/* Stages that have jobs; each job learns its index. Jobs are in the order of stages already. */
static void list_stages(struct making *m)
{
	struct ci_plan *plan = m->plan;

	plan->stages.items = ARENA_ARRAY(m->p->arena, struct str, plan->job_count);
	for (size_t i = 0; i < plan->job_count; i++) {
		struct str stage = plan->jobs[i].config->stage;
		size_t count = plan->stages.count;

		if (count == 0 || !str_eq(plan->stages.items[count - 1], stage))
			plan->stages.items[plan->stages.count++] = stage;
		plan->jobs[i].stage = plan->stages.count - 1;
	}
}

static struct ci_graph graph_of(struct making *m)
{
	struct ci_plan *plan = m->plan;
	struct ci_graph graph = {
		ARENA_ARRAY(m->p->arena, struct str, plan->job_count),
		ARENA_ARRAY(m->p->arena, const struct ci_needs *, plan->job_count),
		plan->job_count,
	};

	for (size_t i = 0; i < plan->job_count; i++) {
		graph.names[i] = plan->jobs[i].config->name;
		graph.needs[i] = &plan->jobs[i].needs;
	}
	return graph;
}

/* Drops optional needs of jobs that are not in the pipeline; others that are not are an error. */
static int settle_needs(struct making *m, const struct ci_graph *graph, struct ci_plan_job *planned,
			struct err *e)
{
	struct ci_needs kept = { planned->needs.is_set,
				 ARENA_ARRAY(m->p->arena, struct ci_need, planned->needs.count),
				 0 };

	for (size_t i = 0; i < planned->needs.count; i++) {
		const struct ci_need *need = &planned->needs.items[i];

		if (ci_graph_find(graph, need->job) < graph->count) {
			kept.items[kept.count++] = *need;
			continue;
		}
		if (need->optional)
			continue;
		return ci_fail_at(&m->p->fail, need->mark, e,
				  "'%.*s' job needs '%.*s' job, but '%.*s' does not exist in the "
				  "pipeline. This might be because of the only, except, or rules "
				  "keywords. To need a job that sometimes does not exist in the "
				  "pipeline, use needs:optional.",
				  STR_FMT(planned->config->name), STR_FMT(need->job),
				  STR_FMT(need->job));
	}
	planned->needs = kept;
	return 0;
}

static bool needs_artifacts_of(const struct ci_plan_job *planned, struct str name)
{
	for (size_t i = 0; i < planned->needs.count; i++)
		if (str_eq(planned->needs.items[i].job, name))
			return planned->needs.items[i].artifacts;
	return false;
}

static bool depends_on(const struct ci_job *job, struct str name)
{
	for (size_t i = 0; i < job->dependencies.count; i++)
		if (str_eq(job->dependencies.items[i], name))
			return true;
	return false;
}

/* Without `dependencies`: what it needs, or all of earlier stages. */
static void list_artifacts(struct making *m, struct ci_plan_job *planned)
{
	const struct ci_plan *plan = m->plan;
	struct ci_texts *list = &planned->artifacts_of;

	list->items = ARENA_ARRAY(m->p->arena, struct str, plan->job_count);
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct ci_plan_job *other = &plan->jobs[i];
		struct str name = other->config->name;
		bool gets = planned->needs.is_set ? needs_artifacts_of(planned, name)
						  : other->stage < planned->stage;

		if (planned->config->has_dependencies)
			gets = gets && depends_on(planned->config, name);
		if (gets && other->config->artifacts.is_set)
			list->items[list->count++] = name;
	}
}

static bool has_job_of_a_named_stage(const struct ci_plan *plan)
{
	for (size_t i = 0; i < plan->job_count; i++)
		if (!str_eq(plan->jobs[i].config->stage, STR(".pre")) &&
		    !str_eq(plan->jobs[i].config->stage, STR(".post")))
			return true;
	return false;
}

static int join_jobs(struct making *m, struct err *e)
{
	struct ci_plan *plan = m->plan;
	struct ci_graph graph = graph_of(m);

	list_stages(m);
	for (size_t i = 0; i < plan->job_count; i++)
		if (settle_needs(m, &graph, &plan->jobs[i], e) < 0)
			return -(int)e->code;
	if (ci_graph_check(m->p, &graph, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < plan->job_count; i++)
		list_artifacts(m, &plan->jobs[i]);
	return 0;
}

/* ------------------------------------------------------------------ the whole */

static void no_pipeline(struct ci_plan *plan, const char *text)
{
	plan->outcome = CI_NO_PIPELINE;
	plan->problem.text = str_c(text);
	plan->job_count = 0;
}

static void warn_of_shell_limits(struct ci_planning *p, const struct ci_plan *plan)
{
	for (size_t i = 0; i < plan->job_count; i++) {
		const struct ci_job *job = plan->jobs[i].config;

		if (!str_is_none(job->image.name) || job->service_count > 0)
			ci_warn(&p->warnings, job->mark,
				"jobs:%.*s: image and services are left out by runners with the "
				"shell executor",
				STR_FMT(job->name));
		if (job->cache_count > 0)
			ci_warn(&p->warnings, job->mark,
				"jobs:%.*s: cache is not stored yet; every restore is a miss",
				STR_FMT(job->name));
	}
}

static int read_file(struct making *m, struct str file, struct str text, struct err *e)
{
	const struct ci_node *root = NULL;

	if (ci_include(m->p, file, text, &root, e) < 0 || ci_extends(m->p, &root, e) < 0 ||
	    ci_references(m->p, &root, e) < 0)
		return -(int)e->code;
	return ci_config_read(m->p, root, &m->config, e);
}

static void name_pipeline(struct making *m)
{
	struct ci_variables seen;

	if (str_is_none(m->config.workflow_name))
		return;
	context_variables(m, NULL, &m->config.variables, &seen);
	if (m->workflow_rule)
		ci_variables_add(&seen, &m->workflow_rule->variables);
	m->plan->name = arena_str(
		m->p->arena,
		str_trim(ci_variables_expand(&seen, m->p->arena, m->config.workflow_name)));
}

static int make(struct making *m, struct str file, struct str text, struct err *e)
{
	struct ci_plan *plan = m->plan;
	bool runs;

	if (read_file(m, file, text, e) < 0 || decide_workflow(m, &runs, e) < 0)
		return -(int)e->code;
	if (!runs) {
		no_pipeline(plan, workflow_text);
		return 0;
	}
	if (plan_jobs(m, e) < 0)
		return -(int)e->code;
	if (!has_job_of_a_named_stage(plan)) {
		no_pipeline(plan, no_jobs_text);
		return 0;
	}
	if (join_jobs(m, e) < 0)
		return -(int)e->code;
	plan->on_new_commit = m->config.on_new_commit;
	plan->cancels_on_job_failure = m->config.cancels_on_job_failure;
	name_pipeline(m);
	warn_of_shell_limits(m->p, plan);
	return 0;
}

/* What was recorded with a place is the file's fault, and an outcome; the rest is an error. */
static int conclude(struct making *m, int result, const struct err *inner, struct err *e)
{
	struct ci_problem problem = m->p->fail.problem;

	ci_planning_fini(m->p);
	if (result < 0 && str_is_none(problem.text)) {
		*e = *inner;
		return -(int)e->code;
	}
	if (result < 0)
		*m->plan = (struct ci_plan){ .outcome = CI_ERROR, .problem = problem };
	m->plan->warnings = m->p->warnings;
	return 0;
}

int ci_plan(struct arena *a, struct str file, struct str text, const struct ci_context *context,
	    struct ci_plan *plan, struct err *e)
{
	struct ci_planning p;
	struct making m = { .p = &p, .plan = plan };
	struct err inner = { 0 };

	ci_planning_init(&p, a, context);
	*plan = (struct ci_plan){ .outcome = CI_CREATED };
	return conclude(&m, make(&m, file, text, &inner), &inner, e);
}

int ci_lint(struct arena *a, struct str file, struct str text, const struct ci_context *context,
	    struct ci_plan *plan, struct err *e)
{
	struct ci_planning p;
	struct making m = { .p = &p, .plan = plan };
	struct err inner = { 0 };

	ci_planning_init(&p, a, context);
	*plan = (struct ci_plan){ .outcome = CI_CREATED };
	return conclude(&m, read_file(&m, file, text, &inner), &inner, e);
}
