/*
 * The root of the file: stages, variables, workflow, default, and jobs.
 * What jobs demand of each other (needs, dependencies, on_stop) is checked here
 * too, on the whole file; whether a needed job is in the pipeline, in plan.c.
 */
#include "ci/config.h"

#include "base/buf.h"
#include "base/table.h"
#include "ci/graph.h"
#include "ci/include.h"

#define NAME_MAX_BYTES 255

static const char *const root_keys[] = { "default",      "stages",   "variables", "workflow",
					 "image",        "services", "cache",     "before_script",
					 "after_script", NULL };
static const char *const refused_root_keys[] = { "spec", "types", "pages:deploy", NULL };
static const char *const default_keys[] = { "after_script", "artifacts", "before_script",
					    "cache",        "image",     "interruptible",
					    "retry",        "services",  "tags",
					    "timeout",      NULL };
static const char *const refused_default_keys[] = { "hooks", "id_tokens", "identity", NULL };
/* The root keys that mean the same as one of `default`. */
static const char *const legacy_defaults[] = { "image",         "services",     "cache",
					       "before_script", "after_script", NULL };

static bool is_in(struct str key, const char *const *list)
{
	for (size_t i = 0; list[i]; i++)
		if (str_eq_c(key, list[i]))
			return true;
	return false;
}

/* .pre, what is named, .post; a stage stands where it is named first. */
static void order_stages(struct ci_planning *p, const struct ci_texts *named,
			 struct ci_texts *stages)
{
	struct table seen;

	table_init(&seen, p->arena);
	table_set(&seen, STR(".pre"), stages);
	table_set(&seen, STR(".post"), stages);
	*stages = (struct ci_texts){ ARENA_ARRAY(p->arena, struct str, named->count + 2), 0 };
	stages->items[stages->count++] = STR(".pre");
	for (size_t i = 0; i < named->count; i++) {
		if (table_find(&seen, named->items[i]))
			continue;
		table_set(&seen, named->items[i], stages);
		stages->items[stages->count++] = named->items[i];
	}
	stages->items[stages->count++] = STR(".post");
}

static int read_stages(struct ci_planning *p, const struct ci_node *node, struct ci_texts *stages,
		       struct err *e)
{
	static const char *const usual[] = { "build", "test", "deploy" };
	struct ci_texts named = { 0 };

	if (node && node->kind != CI_NULL) {
		if (node->kind != CI_LIST)
			return ci_bad(p, "stages", node, e, "should be an array of strings");
		if (ci_read_texts(p, "stages", node, &named, e) < 0)
			return -(int)e->code;
	} else {
		named.items = ARENA_ARRAY(p->arena, struct str, ARRAY_LEN(usual));
		for (; named.count < ARRAY_LEN(usual); named.count++)
			named.items[named.count] = str_c(usual[named.count]);
	}
	order_stages(p, &named, stages);
	return 0;
}

static int read_auto_cancel(struct ci_planning *p, const struct ci_node *node,
			    struct ci_config *config, struct err *e)
{
	static const char *const known[] = { "on_new_commit", "on_job_failure", NULL };
	static const char *const commits[] = { "conservative", "interruptible", "none", NULL };
	static const char *const failures[] = { "none", "all", NULL };
	const struct ci_node *commit = ci_map_find(node, "on_new_commit");
	const struct ci_node *failure = ci_map_find(node, "on_job_failure");
	struct str word;

	if (node == NULL)
		return 0;
	if (ci_check_keys(p, "workflow:auto_cancel", node, known, NULL, e) < 0)
		return -(int)e->code;
	if (commit) {
		if (ci_read_word(p, "workflow:auto_cancel:on_new_commit", commit, commits, &word,
				 e) < 0)
			return -(int)e->code;
		config->on_new_commit = str_eq(word, STR("none")) ? CI_CANCEL_NONE
					: str_eq(word, STR("interruptible"))
						? CI_CANCEL_INTERRUPTIBLE
						: CI_CANCEL_CONSERVATIVE;
	}
	if (failure) {
		if (ci_read_word(p, "workflow:auto_cancel:on_job_failure", failure, failures, &word,
				 e) < 0)
			return -(int)e->code;
		config->cancels_on_job_failure = str_eq(word, STR("all"));
	}
	return 0;
}

static int read_workflow(struct ci_planning *p, const struct ci_node *node,
			 struct ci_config *config, struct err *e)
{
	static const char *const known[] = { "rules", "name", "auto_cancel", NULL };
	const struct ci_node *name = ci_map_find(node, "name");

	if (node == NULL)
		return 0;
	if (ci_check_keys(p, "workflow", node, known, NULL, e) < 0)
		return -(int)e->code;
	if (name && ci_read_text(p, "workflow:name", name, &config->workflow_name, e) < 0)
		return -(int)e->code;
	if (read_auto_cancel(p, ci_map_find(node, "auto_cancel"), config, e) < 0)
		return -(int)e->code;
	return ci_rules_read(p, "workflow:rules", CI_RULES_OF_WORKFLOW, ci_map_find(node, "rules"),
			     &config->workflow_rules, e);
}

/* `default` with the legacy root keys below it. */
static int read_defaults(struct ci_planning *p, const struct ci_node *root,
			 const struct ci_node **defaults, struct err *e)
{
	const struct ci_node *node = ci_map_find(root, "default");
	struct ci_node *legacy = ARENA_NEW(p->arena, struct ci_node);

	if (node && node->kind != CI_NULL &&
	    ci_check_keys(p, "default", node, default_keys, refused_default_keys, e) < 0)
		return -(int)e->code;
	*legacy = (struct ci_node){ .kind = CI_MAP, .mark = root->mark };
	legacy->pairs = ARENA_ARRAY(p->arena, struct ci_pair, ARRAY_LEN(legacy_defaults));
	for (size_t i = 0; legacy_defaults[i]; i++) {
		const struct ci_pair *pair = ci_map_pair(root, str_c(legacy_defaults[i]));

		if (pair && ci_map_pair(node, pair->key))
			return ci_fail_at(&p->fail, pair->mark, e,
					  "%.*s is defined in top-level and `default:` entry",
					  STR_FMT(pair->key));
		if (pair)
			legacy->pairs[legacy->count++] = *pair;
	}
	*defaults = legacy;
	if (node == NULL || node->kind == CI_NULL)
		return 0;
	return ci_deep_merge(p, legacy, node, defaults, e);
}

/* Whether a job takes this key of `default`: `inherit:default` is a boolean or a list of keys. */
static bool inherits(const struct ci_node *job, struct str key)
{
	const struct ci_node *which = ci_map_find(ci_map_find(job, "inherit"), "default");

	if (which == NULL)
		return true;
	if (which->kind == CI_BOOL)
		return which->boolean;
	for (size_t i = 0; which->kind == CI_LIST && i < which->count; i++)
		if (ci_is_scalar(which->items[i]) && str_eq(which->items[i]->text, key))
			return true;
	return false;
}

/* The job's map with those keys of `default` that it lacks and inherits. */
static const struct ci_node *with_defaults(struct ci_planning *p, const struct ci_node *job,
					   const struct ci_node *defaults)
{
	struct ci_node *copy = ARENA_NEW(p->arena, struct ci_node);

	ASSERT(defaults != NULL);
	if (job->kind != CI_MAP)
		return job;
	*copy = *job;
	copy->index = NULL;
	copy->pairs = ARENA_ARRAY(p->arena, struct ci_pair, job->count + defaults->count);
	if (job->count > 0)
		memcpy(copy->pairs, job->pairs, job->count * sizeof(*copy->pairs));
	for (size_t i = 0; i < defaults->count; i++)
		if (!ci_map_pair(job, defaults->pairs[i].key) &&
		    inherits(job, defaults->pairs[i].key))
			copy->pairs[copy->count++] = defaults->pairs[i];
	return copy;
}

static int check_name(struct ci_planning *p, const struct ci_pair *pair, struct err *e)
{
	static const char *const reserved[] = { "true", "false", "nil", "include", NULL };

	if (pair->key.n == 0 || pair->key.n > NAME_MAX_BYTES || is_in(pair->key, reserved))
		return ci_fail_at(&p->fail, pair->mark, e,
				  "jobs config: `%.*s` is no name of a job (1 to %d bytes, not a "
				  "reserved word)",
				  STR_FMT(str_upto(pair->key, 100)), NAME_MAX_BYTES);
	if (pair->value->kind != CI_MAP)
		return ci_fail_at(&p->fail, pair->mark, e,
				  "jobs:%.*s config should be a hash, not %s",
				  STR_FMT(str_upto(pair->key, 200)), ci_kind_name(pair->value));
	return 0;
}

static int read_jobs(struct ci_planning *p, const struct ci_node *root,
		     const struct ci_node *defaults, struct ci_config *config, struct err *e)
{
	config->jobs = ARENA_ARRAY(p->arena, struct ci_job, root->count);
	for (size_t i = 0; i < root->count; i++) {
		const struct ci_pair *pair = &root->pairs[i];

		if (is_in(pair->key, root_keys) || str_starts(pair->key, STR(".")))
			continue;
		if (is_in(pair->key, refused_root_keys))
			return ci_fail_at(
				&p->fail, pair->mark, e,
				"root config: the keyword `%.*s` is not supported by this "
				"version of Hearth; remove it",
				STR_FMT(pair->key));
		if (check_name(p, pair, e) < 0)
			return -(int)e->code;
		if (config->job_count == CI_JOBS_MAX)
			return ci_fail_at(&p->fail, pair->mark, e, "more than %d jobs",
					  CI_JOBS_MAX);
		if (ci_job_read(p, pair->key, pair->mark, with_defaults(p, pair->value, defaults),
				&config->jobs[config->job_count++], e) < 0)
			return -(int)e->code;
	}
	if (config->job_count == 0)
		return ci_fail_at(&p->fail, root->mark, e,
				  "jobs config should contain at least one visible job");
	return 0;
}

/* --------------------------------------------------------- jobs and each other */

static const struct ci_job *find_job(const struct ci_config *config, struct str name)
{
	for (size_t i = 0; i < config->job_count; i++)
		if (str_eq(config->jobs[i].name, name))
			return &config->jobs[i];
	return NULL;
}

static size_t stage_index(const struct ci_config *config, struct str stage)
{
	size_t i = 0;

	while (i < config->stages.count && !str_eq(config->stages.items[i], stage))
		i++;
	return i;
}

static int check_stage(struct ci_planning *p, const struct ci_config *config,
		       const struct ci_job *job, struct err *e)
{
	struct buf list;
	int result;

	if (stage_index(config, job->stage) < config->stages.count)
		return 0;
	buf_init(&list, 300);
	for (size_t i = 0; i < config->stages.count; i++)
		buf_addf(&list, "%s%.*s", i ? ", " : "", STR_FMT(config->stages.items[i]));
	result = ci_fail_at(&p->fail, job->stage_mark, e,
			    "%.*s job: chosen stage %.*s does not exist; available stages are "
			    "%.*s",
			    STR_FMT(job->name), STR_FMT(str_upto(job->stage, 100)),
			    STR_FMT(buf_str(&list)));
	buf_fini(&list);
	return result;
}

static int check_needs(struct ci_planning *p, const struct ci_config *config,
		       const struct ci_job *job, const struct ci_needs *needs, struct err *e)
{
	for (size_t i = 0; i < needs->count; i++) {
		const struct ci_need *need = &needs->items[i];
		const struct ci_job *needed = find_job(config, need->job);

		if (needed == NULL && need->optional)
			continue;
		if (needed == NULL)
			return ci_fail_at(&p->fail, need->mark, e, "%.*s job: undefined need: %.*s",
					  STR_FMT(job->name), STR_FMT(str_upto(need->job, 200)));
		if (stage_index(config, needed->stage) > stage_index(config, job->stage))
			return ci_fail_at(&p->fail, need->mark, e,
					  "%.*s job: need %.*s is not defined in current or prior "
					  "stages",
					  STR_FMT(job->name), STR_FMT(need->job));
	}
	return 0;
}

static bool is_needed(const struct ci_needs *needs, struct str name)
{
	for (size_t i = 0; i < needs->count; i++)
		if (str_eq(needs->items[i].job, name))
			return true;
	return false;
}

static int check_dependencies(struct ci_planning *p, const struct ci_config *config,
			      const struct ci_job *job, struct err *e)
{
	for (size_t i = 0; i < job->dependencies.count; i++) {
		struct str name = job->dependencies.items[i];
		const struct ci_job *dependency = find_job(config, name);

		if (dependency == NULL)
			return ci_fail_at(&p->fail, job->dependencies_mark, e,
					  "%.*s job: undefined dependency: %.*s",
					  STR_FMT(job->name), STR_FMT(str_upto(name, 200)));
		if (job->needs.is_set && !is_needed(&job->needs, name))
			return ci_fail_at(&p->fail, job->dependencies_mark, e,
					  "jobs:%.*s dependencies the %.*s should be part of needs",
					  STR_FMT(job->name), STR_FMT(name));
		if (!job->needs.is_set &&
		    stage_index(config, dependency->stage) >= stage_index(config, job->stage))
			return ci_fail_at(
				&p->fail, job->dependencies_mark, e,
				"%.*s job: dependency %.*s is not defined in prior stages",
				STR_FMT(job->name), STR_FMT(name));
	}
	return 0;
}

static int check_on_stop(struct ci_planning *p, const struct ci_config *config,
			 const struct ci_job *job, struct err *e)
{
	const struct ci_environment *environment = &job->environment;
	const struct ci_job *stop;

	if (str_is_none(environment->on_stop))
		return 0;
	stop = find_job(config, environment->on_stop);
	if (stop == NULL)
		return ci_fail_at(&p->fail, environment->mark, e,
				  "%.*s job: on_stop job %.*s is not defined", STR_FMT(job->name),
				  STR_FMT(str_upto(environment->on_stop, 200)));
	if (stop->environment.action != CI_ENVIRONMENT_STOP)
		return ci_fail_at(&p->fail, environment->mark, e,
				  "%.*s job: on_stop job %.*s needs to have action stop defined",
				  STR_FMT(job->name), STR_FMT(stop->name));
	if (!str_eq(stop->environment.name, environment->name))
		return ci_fail_at(&p->fail, environment->mark, e,
				  "%.*s job: on_stop job %.*s does not have environment name %.*s",
				  STR_FMT(job->name), STR_FMT(stop->name),
				  STR_FMT(environment->name));
	return 0;
}

static int check_circles(struct ci_planning *p, const struct ci_config *config, struct err *e)
{
	struct ci_graph graph = {
		ARENA_ARRAY(p->arena, struct str, config->job_count),
		ARENA_ARRAY(p->arena, const struct ci_needs *, config->job_count),
		config->job_count,
	};

	for (size_t i = 0; i < config->job_count; i++) {
		graph.names[i] = config->jobs[i].name;
		graph.needs[i] = &config->jobs[i].needs;
	}
	return ci_graph_check(p, &graph, e);
}

static int check_jobs(struct ci_planning *p, const struct ci_config *config, struct err *e)
{
	for (size_t i = 0; i < config->job_count; i++) {
		const struct ci_job *job = &config->jobs[i];

		if (check_stage(p, config, job, e) < 0 ||
		    check_needs(p, config, job, &job->needs, e) < 0 ||
		    check_dependencies(p, config, job, e) < 0 ||
		    check_on_stop(p, config, job, e) < 0)
			return -(int)e->code;
		for (size_t j = 0; j < job->rules.count; j++)
			if (check_needs(p, config, job, &job->rules.items[j].needs, e) < 0)
				return -(int)e->code;
	}
	return check_circles(p, config, e);
}

int ci_config_read(struct ci_planning *p, const struct ci_node *root, struct ci_config *config,
		   struct err *e)
{
	const struct ci_node *defaults = NULL;

	*config = (struct ci_config){ 0 };
	if (read_stages(p, ci_map_find(root, "stages"), &config->stages, e) < 0 ||
	    ci_read_variables(p, "variables", true, ci_map_find(root, "variables"),
			      &config->variables, e) < 0 ||
	    read_workflow(p, ci_map_find(root, "workflow"), config, e) < 0 ||
	    read_defaults(p, root, &defaults, e) < 0 || read_jobs(p, root, defaults, config, e) < 0)
		return -(int)e->code;
	return check_jobs(p, config, e);
}
