#include "ci/plan_json.h"

static const char *const outcome_names[] = {
	[CI_CREATED] = "created",
	[CI_NO_PIPELINE] = "no-pipeline",
	[CI_ERROR] = "error",
};

const char *ci_outcome_name(enum ci_outcome outcome)
{
	return outcome_names[outcome];
}

static void emit_texts(struct jsonw *w, const char *key, const struct ci_texts *texts)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < texts->count; i++)
		jsonw_str(w, texts->items[i]);
	jsonw_end(w);
}

static void emit_integers(struct jsonw *w, const char *key, const int64_t *items, size_t count)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < count; i++)
		jsonw_int(w, items[i]);
	jsonw_end(w);
}

static void emit_variables(struct jsonw *w, const struct ci_variables *variables)
{
	jsonw_field_object(w, "variables");
	for (size_t i = 0; i < variables->count; i++) {
		jsonw_key_str(w, variables->items[i].key);
		jsonw_str(w, variables->items[i].value);
	}
	jsonw_end(w);
}

/* 0 stands for "not given". */
static void emit_seconds(struct jsonw *w, const char *key, int64_t seconds)
{
	if (seconds == 0)
		jsonw_field_null(w, key);
	else
		jsonw_field_int(w, key, seconds);
}

static void emit_place(struct jsonw *w, struct ci_mark mark)
{
	jsonw_field_str(w, "file", mark.file);
	emit_seconds(w, "line", mark.line);
	emit_seconds(w, "column", mark.column);
}

static void emit_allow_failure(struct jsonw *w, const struct ci_allow_failure *value)
{
	if (value->count == 0) {
		jsonw_field_bool(w, "allow_failure", value->value == CI_YES);
		return;
	}
	jsonw_field_object(w, "allow_failure");
	emit_integers(w, "exit_codes", value->exit_codes, value->count);
	jsonw_end(w);
}

static void emit_needs(struct jsonw *w, const struct ci_needs *needs)
{
	if (!needs->is_set) {
		jsonw_field_null(w, "needs");
		return;
	}
	jsonw_field_array(w, "needs");
	for (size_t i = 0; i < needs->count; i++)
		jsonw_str(w, needs->items[i].job);
	jsonw_end(w);
}

static void emit_environment(struct jsonw *w, const struct ci_plan_job *job)
{
	const struct ci_environment *environment = &job->config->environment;

	if (str_is_none(environment->name)) {
		jsonw_field_null(w, "environment");
		return;
	}
	jsonw_field_object(w, "environment");
	jsonw_field_str(w, "name", job->environment_name);
	jsonw_field_str(w, "url", environment->url);
	jsonw_field_str(w, "action", str_c(ci_environment_action_name(environment->action)));
	jsonw_field_str(w, "deployment_tier", environment->tier);
	jsonw_field_str(w, "on_stop", environment->on_stop);
	emit_seconds(w, "auto_stop_in", environment->auto_stop_in);
	jsonw_end(w);
}

static void emit_retry(struct jsonw *w, const struct ci_retry *retry)
{
	jsonw_field_object(w, "retry");
	jsonw_field_int(w, "max", retry->max);
	emit_texts(w, "when", &retry->when);
	emit_integers(w, "exit_codes", retry->exit_codes, retry->exit_code_count);
	jsonw_end(w);
}

static void emit_artifacts(struct jsonw *w, const struct ci_artifacts *artifacts)
{
	if (!artifacts->is_set) {
		jsonw_field_null(w, "artifacts");
		return;
	}
	jsonw_field_object(w, "artifacts");
	jsonw_field_str(w, "name", artifacts->name);
	emit_texts(w, "paths", &artifacts->paths);
	emit_texts(w, "exclude", &artifacts->exclude);
	jsonw_field_bool(w, "untracked", artifacts->untracked);
	jsonw_field_str(w, "when", artifacts->when);
	if (artifacts->expire_in < 0)
		jsonw_field_str(w, "expire_in", STR("never"));
	else
		emit_seconds(w, "expire_in", artifacts->expire_in);
	jsonw_end(w);
}

static void emit_image_fields(struct jsonw *w, const struct ci_image *image)
{
	jsonw_field_str(w, "name", image->name);
	emit_texts(w, "entrypoint", &image->entrypoint);
	emit_texts(w, "pull_policy", &image->pull_policy);
}

static void emit_images(struct jsonw *w, const struct ci_job *job)
{
	if (str_is_none(job->image.name)) {
		jsonw_field_null(w, "image");
	} else {
		jsonw_field_object(w, "image");
		emit_image_fields(w, &job->image);
		jsonw_end(w);
	}
	jsonw_field_array(w, "services");
	for (size_t i = 0; i < job->service_count; i++) {
		jsonw_object(w);
		emit_image_fields(w, &job->services[i]);
		jsonw_field_str(w, "alias", job->services[i].alias);
		emit_texts(w, "command", &job->services[i].command);
		emit_variables(w, &job->services[i].variables);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void emit_caches(struct jsonw *w, const struct ci_job *job)
{
	jsonw_field_array(w, "cache");
	for (size_t i = 0; i < job->cache_count; i++) {
		const struct ci_cache *cache = &job->caches[i];

		jsonw_object(w);
		jsonw_field_str(w, "key", cache->key);
		jsonw_field_str(w, "prefix", cache->key_prefix);
		emit_texts(w, "files", &cache->key_files);
		emit_texts(w, "paths", &cache->paths);
		emit_texts(w, "fallback_keys", &cache->fallback_keys);
		jsonw_field_bool(w, "untracked", cache->untracked);
		jsonw_field_str(w, "policy", cache->policy);
		jsonw_field_str(w, "when", cache->when);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void ci_plan_emit_storage(struct jsonw *w, const struct ci_job *job)
{
	emit_artifacts(w, &job->artifacts);
	emit_images(w, job);
	emit_caches(w, job);
}

static void emit_job(struct jsonw *w, const struct ci_plan_job *job)
{
	const struct ci_job *config = job->config;

	jsonw_object(w);
	jsonw_field_str(w, "stage", config->stage);
	jsonw_field_str(w, "when", str_c(ci_when_name(job->when)));
	emit_seconds(w, "start_in", job->start_in);
	emit_allow_failure(w, &job->allow_failure);
	emit_needs(w, &job->needs);
	emit_texts(w, "dependencies", &job->artifacts_of);
	emit_texts(w, "tags", &job->tags);
	emit_environment(w, job);
	emit_variables(w, &job->variables);
	emit_texts(w, "before_script", &config->before_script);
	emit_texts(w, "script", &config->script);
	emit_texts(w, "after_script", &config->after_script);
	emit_retry(w, &config->retry);
	emit_seconds(w, "timeout", config->timeout);
	jsonw_field_bool(w, "interruptible", job->interruptible);
	jsonw_field_str(w, "resource_group", job->resource_group);
	ci_plan_emit_storage(w, config);
	jsonw_end(w);
}

static void emit_problem(struct jsonw *w, const struct ci_problem *problem)
{
	jsonw_object(w);
	jsonw_field_str(w, "message", problem->text);
	emit_place(w, problem->mark);
	jsonw_end(w);
}

static void emit_warnings(struct jsonw *w, const struct ci_problems *warnings)
{
	jsonw_field_array(w, "warnings");
	for (size_t i = 0; i < warnings->count; i++)
		emit_problem(w, &warnings->items[i]);
	jsonw_end(w);
}

void ci_lint_emit(struct jsonw *w, const struct ci_plan *plan)
{
	jsonw_object(w);
	jsonw_field_bool(w, "valid", plan->outcome != CI_ERROR);
	jsonw_field_array(w, "errors");
	if (plan->outcome == CI_ERROR)
		emit_problem(w, &plan->problem);
	jsonw_end(w);
	emit_warnings(w, &plan->warnings);
	jsonw_end(w);
}

void ci_plan_emit(struct jsonw *w, const struct ci_plan *plan)
{
	jsonw_object(w);
	jsonw_field_str(w, "outcome", str_c(ci_outcome_name(plan->outcome)));
	jsonw_field_str(w, "message", plan->problem.text);
	emit_place(w, plan->problem.mark);
	emit_warnings(w, &plan->warnings);
	jsonw_field_str(w, "name", plan->name);
	emit_texts(w, "stages", &plan->stages);
	jsonw_field_object(w, "jobs");
	for (size_t i = 0; i < plan->job_count; i++) {
		jsonw_key_str(w, plan->jobs[i].config->name);
		emit_job(w, &plan->jobs[i]);
	}
	jsonw_end(w);
	jsonw_end(w);
}
