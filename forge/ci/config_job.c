/*
 * One job. `keywords` is the list of what a job may carry; each row says how it
 * is read. A keyword of GitLab's that is missing there is in `refused_keywords`
 * and fails with a sentence of its own.
 */
#include "ci/config.h"

#define TAGS_MAX 50
#define RETRY_MAX 2
#define START_IN_MAX (7LL * 24 * 3600)
#define SCRIPT_MAX (1024u * 1024)

struct reading {
	struct ci_planning *p;
	const char *where; /* "jobs:NAME:KEY" */
	struct ci_job *job;
	const struct ci_node *node;
};

static int read_stage(const struct reading *r, struct err *e)
{
	r->job->stage_mark = r->node->mark;
	return ci_read_text(r->p, r->where, r->node, &r->job->stage, e);
}

static int read_script_of(const struct reading *r, struct ci_texts *script, struct err *e)
{
	size_t total = 0;

	if (ci_read_texts(r->p, r->where, r->node, script, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < script->count; i++)
		total += script->items[i].n;
	if (total > SCRIPT_MAX)
		return ci_bad(r->p, r->where, r->node, e, "is larger than %u bytes", SCRIPT_MAX);
	return 0;
}

static int read_script(const struct reading *r, struct err *e)
{
	if (read_script_of(r, &r->job->script, e) < 0)
		return -(int)e->code;
	if (r->job->script.count == 0)
		return ci_bad(r->p, r->where, r->node, e, "can't be blank");
	return 0;
}

static int read_before_script(const struct reading *r, struct err *e)
{
	return read_script_of(r, &r->job->before_script, e);
}

static int read_after_script(const struct reading *r, struct err *e)
{
	return read_script_of(r, &r->job->after_script, e);
}

static int read_tags(const struct reading *r, struct err *e)
{
	if (r->node->kind != CI_LIST)
		return ci_bad(r->p, r->where, r->node, e, "should be an array of strings");
	if (ci_read_texts(r->p, r->where, r->node, &r->job->tags, e) < 0)
		return -(int)e->code;
	if (r->job->tags.count >= TAGS_MAX)
		return ci_bad(r->p, r->where, r->node, e, "must be less than the limit of %d tags",
			      TAGS_MAX);
	return 0;
}

static int read_job_variables(const struct reading *r, struct err *e)
{
	return ci_read_variables(r->p, r->where, false, r->node, &r->job->variables, e);
}

static int read_rules(const struct reading *r, struct err *e)
{
	return ci_rules_read(r->p, r->where, CI_RULES_OF_JOB, r->node, &r->job->rules, e);
}

/* A map without refs means branches and tags, as a job without `only` does. */
static int read_only(const struct reading *r, struct err *e)
{
	static struct str const default_refs[] = { { "branches", 8 }, { "tags", 4 } };
	struct ci_ref_filter *only = &r->job->only;

	if (ci_ref_filter_read(r->p, r->where, r->node, only, e) < 0)
		return -(int)e->code;
	if (!only->has_refs) {
		only->has_refs = true;
		only->ref_count = ARRAY_LEN(default_refs);
		only->refs = ARENA_ARRAY(r->p->arena, struct str, only->ref_count);
		memcpy(only->refs, default_refs, sizeof(default_refs));
	}
	return 0;
}

static int read_except(const struct reading *r, struct err *e)
{
	return ci_ref_filter_read(r->p, r->where, r->node, &r->job->except, e);
}

static int read_when(const struct reading *r, struct err *e)
{
	static const char *const words[] = { "on_success", "on_failure", "always", "manual",
					     "delayed",    "never",      NULL };
	struct str word;

	if (ci_read_word(r->p, r->where, r->node, words, &word, e) < 0)
		return -(int)e->code;
	r->job->has_when = ci_when_parse(word, &r->job->when);
	return 0;
}

static int read_start_in(const struct reading *r, struct err *e)
{
	return ci_read_duration(r->p, r->where, r->node, START_IN_MAX, &r->job->start_in, e);
}

static int read_job_allow_failure(const struct reading *r, struct err *e)
{
	return ci_read_allow_failure(r->p, r->where, r->node, &r->job->allow_failure, e);
}

static int read_job_needs(const struct reading *r, struct err *e)
{
	return ci_read_needs(r->p, r->where, r->node, &r->job->needs, e);
}

static int read_dependencies(const struct reading *r, struct err *e)
{
	r->job->has_dependencies = true;
	r->job->dependencies_mark = r->node->mark;
	return ci_read_texts(r->p, r->where, r->node, &r->job->dependencies, e);
}

static int check_retry_reasons(const struct reading *r, const struct ci_node *when, struct err *e)
{
	static const char *const reasons[] = {
		"always",
		"unknown_failure",
		"script_failure",
		"api_failure",
		"stuck_or_timeout_failure",
		"runner_system_failure",
		"runner_unsupported",
		"stale_schedule",
		"job_execution_timeout",
		"archived_failure",
		"unmet_prerequisites",
		"scheduler_failure",
		"data_integrity_failure",
		NULL,
	};
	const struct ci_node **items;
	size_t count;
	struct str word;

	if (ci_flatten(r->p, r->where, when, &items, &count, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < count; i++)
		if (ci_read_word(r->p, r->where, items[i], reasons, &word, e) < 0)
			return -(int)e->code;
	return ci_read_texts(r->p, r->where, when, &r->job->retry.when, e);
}

static int read_retry(const struct reading *r, struct err *e)
{
	static const char *const known[] = { "max", "when", "exit_codes", NULL };
	const struct ci_node *max = ci_map_find(r->node, "max");
	const struct ci_node *when = ci_map_find(r->node, "when");
	const struct ci_node *codes = ci_map_find(r->node, "exit_codes");
	struct ci_retry *retry = &r->job->retry;

	if (r->node->kind != CI_MAP)
		return ci_read_integer(r->p, r->where, r->node, 0, RETRY_MAX, &retry->max, e);
	if (ci_check_keys(r->p, r->where, r->node, known, NULL, e) < 0)
		return -(int)e->code;
	if (max && ci_read_integer(r->p, r->where, max, 0, RETRY_MAX, &retry->max, e) < 0)
		return -(int)e->code;
	if (when && check_retry_reasons(r, when, e) < 0)
		return -(int)e->code;
	return codes ? ci_read_integers(r->p, r->where, codes, &retry->exit_codes,
					&retry->exit_code_count, e)
		     : 0;
}

static int read_timeout(const struct reading *r, struct err *e)
{
	return ci_read_duration(r->p, r->where, r->node, CI_TIMEOUT_MAX, &r->job->timeout, e);
}

static int read_interruptible(const struct reading *r, struct err *e)
{
	return ci_read_bool(r->p, r->where, r->node, &r->job->interruptible, e);
}

static int read_resource_group(const struct reading *r, struct err *e)
{
	if (ci_read_text(r->p, r->where, r->node, &r->job->resource_group, e) < 0)
		return -(int)e->code;
	if (r->job->resource_group.n == 0 || r->job->resource_group.n > 255)
		return ci_bad(r->p, r->where, r->node, e, "should have 1 to 255 characters");
	return 0;
}

static int read_environment(const struct reading *r, struct err *e)
{
	return ci_environment_read(r->p, r->where, r->node, &r->job->environment, e);
}

static int read_artifacts(const struct reading *r, struct err *e)
{
	return ci_artifacts_read(r->p, r->where, r->node, &r->job->artifacts, e);
}

static int read_image(const struct reading *r, struct err *e)
{
	return ci_image_read(r->p, r->where, r->node, &r->job->image, e);
}

static int read_services(const struct reading *r, struct err *e)
{
	return ci_services_read(r->p, r->where, r->node, r->job, e);
}

static int read_cache(const struct reading *r, struct err *e)
{
	return ci_caches_read(r->p, r->where, r->node, r->job, e);
}

/* `inherit:default` was carried out when `default` was merged in. */
static int read_inherit(const struct reading *r, struct err *e)
{
	static const char *const known[] = { "default", "variables", NULL };
	const struct ci_node *variables = ci_map_find(r->node, "variables");

	if (ci_check_keys(r->p, r->where, r->node, known, NULL, e) < 0)
		return -(int)e->code;
	if (variables == NULL)
		return 0;
	if (variables->kind == CI_BOOL) {
		r->job->inherits_variables = variables->boolean ? CI_YES : CI_NO;
		return 0;
	}
	r->job->inherits_variables = CI_UNSET;
	return ci_read_texts(r->p, r->where, variables, &r->job->inherited_variables, e);
}

static const struct {
	const char *key;
	int (*read)(const struct reading *r, struct err *e);
} keywords[] = {
	{ "stage", read_stage },
	{ "script", read_script },
	{ "before_script", read_before_script },
	{ "after_script", read_after_script },
	{ "tags", read_tags },
	{ "variables", read_job_variables },
	{ "rules", read_rules },
	{ "only", read_only },
	{ "except", read_except },
	{ "when", read_when },
	{ "start_in", read_start_in },
	{ "allow_failure", read_job_allow_failure },
	{ "needs", read_job_needs },
	{ "dependencies", read_dependencies },
	{ "retry", read_retry },
	{ "timeout", read_timeout },
	{ "interruptible", read_interruptible },
	{ "resource_group", read_resource_group },
	{ "environment", read_environment },
	{ "artifacts", read_artifacts },
	{ "image", read_image },
	{ "services", read_services },
	{ "cache", read_cache },
	{ "inherit", read_inherit },
};

static const char *const refused_keywords[] = {
	"run",
	"hooks",
	"parallel",
	"coverage",
	"release",
	"pages",
	"trigger",
	"secrets",
	"id_tokens",
	"identity",
	"dast_configuration",
	"manual_confirmation",
	NULL,
};

static int read_keywords(struct ci_planning *p, const struct ci_node *node, struct ci_job *job,
			 struct err *e)
{
	const char *known[ARRAY_LEN(keywords) + 1] = { 0 };
	char *where = arena_strf(p->arena, "jobs:%.*s", STR_FMT(job->name));

	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		known[i] = keywords[i].key;
	if (ci_check_keys(p, where, node, known, refused_keywords, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		struct reading r = { p, NULL, job, ci_map_find(node, keywords[i].key) };

		/* A key without a value is as good as not there, but for needs (ci_read_needs). */
		if (r.node == NULL ||
		    (r.node->kind == CI_NULL && strcmp(keywords[i].key, "needs") != 0))
			continue;
		r.where = arena_strf(p->arena, "%s:%s", where, keywords[i].key);
		if (keywords[i].read(&r, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int check_start_in(struct ci_planning *p, const char *where, const struct ci_node *node,
			  const struct ci_job *job, struct err *e)
{
	bool is_delayed = job->has_when && job->when == CI_DELAYED;

	if (is_delayed && job->start_in == 0 && !job->rules.is_set)
		return ci_bad(p, where, node, e, "start in should be a duration");
	if (job->start_in > 0 && !is_delayed)
		return ci_bad(p, where, node, e, "start in must be blank");
	return 0;
}

/* What keywords demand of each other. */
static int check_together(struct ci_planning *p, const struct ci_node *node,
			  const struct ci_job *job, struct err *e)
{
	char *where = arena_strf(p->arena, "jobs:%.*s", STR_FMT(job->name));

	if (job->script.count == 0)
		return ci_fail_at(&p->fail, job->mark, e,
				  "%s config should implement the script: keyword", where);
	if (job->rules.is_set && (job->only.is_set || job->except.is_set))
		return ci_bad(p, where, node, e, "may not be used with `rules`: %s%s%s",
			      job->only.is_set ? "only" : "",
			      job->only.is_set && job->except.is_set ? ", " : "",
			      job->except.is_set ? "except" : "");
	return check_start_in(p, where, node, job, e);
}

int ci_job_read(struct ci_planning *p, struct str name, struct ci_mark mark,
		const struct ci_node *node, struct ci_job *job, struct err *e)
{
	*job = (struct ci_job){ .name = name,
				.mark = mark,
				.stage = STR("test"),
				.stage_mark = mark,
				.inherits_variables = CI_YES,
				.interruptible = false };
	ci_variables_init(&job->variables, p->arena);
	if (read_keywords(p, node, job, e) < 0)
		return -(int)e->code;
	return check_together(p, node, job, e);
}
