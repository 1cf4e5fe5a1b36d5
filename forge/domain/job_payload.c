/*
 * The payload is written in one go from the dossier, after everything that can
 * fail has been read. Field by field as gitlab-compat 1.5 has them: a field of
 * the wrong kind makes a stock runner drop the whole job.
 */
#include "domain/job_payload.h"

#include "domain/artifact.h"
#include "domain/deploy_job.h"
#include "domain/job_dossier.h"

#define DEPTH_DEFAULT 20

struct payload {
	const struct instance *instance;
	const struct job_claimed *job;
	const struct job_dossier *dossier;
	const struct artifact_dependencies *dependencies;
	struct arena *arena;
	int64_t depth;
};

/* -------------------------------------------------------------------------- parts */

static void write_job_info(struct jsonw *w, const struct payload *p)
{
	jsonw_field_object(w, "job_info");
	jsonw_field_str(w, "name", p->job->name);
	jsonw_field_str(w, "stage", p->job->stage);
	jsonw_field_int(w, "project_id", p->job->project.v);
	jsonw_field_str(w, "project_name", p->dossier->facts.segment);
	jsonw_field_str(w, "project_full_path", p->dossier->facts.path);
	jsonw_field_int(w, "pipeline_id", p->job->pipeline.v);
	jsonw_key(w, "time_in_queue_seconds");
	jsonw_double(w, p->job->queued_seconds);
	jsonw_field_str(w, "project_jobs_running_on_instance_runners_count", STR("0"));
	jsonw_end(w);
}

static void write_refspec(struct jsonw *w, const struct payload *p, const char *to, struct str name)
{
	jsonw_str(w, str_c(arena_strf(p->arena, "+%.*s:%s%.*s", STR_FMT(p->dossier->row.sha), to,
				      STR_FMT(name))));
}

/* The commit by its id, under the names that scripts look for: wherever the branch is by now. */
static void write_refspecs(struct jsonw *w, const struct payload *p)
{
	const struct q_variable_job_row *row = &p->dossier->row;
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)row->pipeline_id);
	jsonw_field_array(w, "refspecs");
	write_refspec(w, p, "refs/pipelines/", str_c(id));
	if (p->depth == 0) {
		jsonw_str(w, STR("+refs/heads/*:refs/remotes/origin/*"));
		jsonw_str(w, STR("+refs/tags/*:refs/tags/*"));
	} else if (row->is_tag) {
		write_refspec(w, p, "refs/tags/", row->ref_name);
	} else {
		write_refspec(w, p, "refs/remotes/origin/", row->ref_name);
	}
	jsonw_end(w);
}

static void write_git_info(struct jsonw *w, const struct payload *p)
{
	const struct q_variable_job_row *row = &p->dossier->row;

	jsonw_field_object(w, "git_info");
	jsonw_field_str(
		w, "repo_url",
		job_repository_url(p->instance, p->dossier->facts.path, p->job->token, p->arena));
	jsonw_field_str(w, "ref", row->ref_name);
	jsonw_field_str(w, "ref_type", row->is_tag ? STR("tag") : STR("branch"));
	jsonw_field_str(w, "sha", row->sha);
	jsonw_field_str(w, "before_sha", row->before_sha);
	write_refspecs(w, p);
	jsonw_field_int(w, "depth", p->depth);
	jsonw_field_str(w, "repo_object_format", STR("sha1"));
	jsonw_field_bool(w, "protected", row->is_protected);
	jsonw_end(w);
}

static void write_variables(struct jsonw *w, const struct payload *p)
{
	const struct ci_variables *v = &p->dossier->variables;

	jsonw_field_array(w, "variables");
	for (size_t i = 0; i < v->count; i++) {
		jsonw_object(w);
		jsonw_field_str(w, "key", v->items[i].key);
		jsonw_field_str(w, "value", v->items[i].value);
		jsonw_field_bool(w, "public", !v->items[i].is_masked);
		jsonw_field_bool(w, "file", v->items[i].is_file);
		jsonw_field_bool(w, "masked", v->items[i].is_masked);
		jsonw_field_bool(w, "raw", v->items[i].is_raw);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* A list of texts out of the options, as it stands there. */
static void write_texts(struct jsonw *w, const char *key, const struct jsonr *list)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < jsonr_length(list); i++)
		jsonw_str(w, jsonr_text(jsonr_at(list, i)));
	jsonw_end(w);
}

static bool truth(const struct jsonr *object, const char *key)
{
	bool value = false;

	return jsonr_boolean(jsonr_get(object, key), &value) && value;
}

static struct str text_or(const struct jsonr *object, const char *key, struct str otherwise)
{
	struct str text = jsonr_text(jsonr_get(object, key));

	return str_is_empty(text) ? otherwise : text;
}

static void write_step(struct jsonw *w, const struct payload *p, const char *name,
		       const struct jsonr *script)
{
	bool is_after = strcmp(name, "after_script") == 0;

	jsonw_object(w);
	jsonw_field_str(w, "name", str_c(name));
	write_texts(w, "script", script);
	jsonw_field_int(w, "timeout", p->job->timeout);
	jsonw_field_str(w, "when", is_after ? STR("always") : STR("on_success"));
	jsonw_field_bool(w, "allow_failure", is_after);
	jsonw_end(w);
}

static void write_steps(struct jsonw *w, const struct payload *p)
{
	const struct jsonr *after = jsonr_get(p->dossier->options, "after_script");

	jsonw_field_array(w, "steps");
	write_step(w, p, "script", jsonr_get(p->dossier->options, "script"));
	if (jsonr_length(after) > 0)
		write_step(w, p, "after_script", after);
	jsonw_end(w);
	jsonw_field_array(w, "hooks");
	jsonw_end(w);
}

static void write_image_fields(struct jsonw *w, const struct jsonr *image)
{
	jsonw_field_str(w, "name", jsonr_text(jsonr_get(image, "name")));
	write_texts(w, "entrypoint", jsonr_get(image, "entrypoint"));
	write_texts(w, "pull_policy", jsonr_get(image, "pull_policy"));
}

/* {NAME: value} in the options; a list in the payload. */
static void write_service_variable(struct str key, const struct jsonr *value, void *closure)
{
	struct jsonw *w = closure;
	struct str text = jsonr_text(value);

	if (str_is_none(text))
		return;
	jsonw_object(w);
	jsonw_field_str(w, "key", key);
	jsonw_field_str(w, "value", text);
	jsonw_end(w);
}

static void write_images(struct jsonw *w, const struct payload *p)
{
	const struct jsonr *image = jsonr_get(p->dossier->options, "image");
	const struct jsonr *services = jsonr_get(p->dossier->options, "services");

	if (jsonr_is_object(image)) {
		jsonw_field_object(w, "image");
		write_image_fields(w, image);
		jsonw_end(w);
	} else {
		jsonw_field_null(w, "image");
	}
	jsonw_field_array(w, "services");
	for (size_t i = 0; i < jsonr_length(services); i++) {
		const struct jsonr *service = jsonr_at(services, i);

		jsonw_object(w);
		write_image_fields(w, service);
		jsonw_field_str(w, "alias", jsonr_text(jsonr_get(service, "alias")));
		write_texts(w, "command", jsonr_get(service, "command"));
		jsonw_field_array(w, "variables");
		jsonr_each(jsonr_get(service, "variables"), write_service_variable, w);
		jsonw_end(w);
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* Seconds in the options; words that artifact uploads understand in the payload. */
static struct str expiry_of(const struct payload *p, const struct jsonr *artifacts)
{
	const struct jsonr *expire = jsonr_get(artifacts, "expire_in");
	int64_t seconds;

	if (jsonr_integer(expire, &seconds))
		return str_c(arena_strf(p->arena, "%lld seconds", (long long)seconds));
	return jsonr_text(expire);
}

static void write_artifacts(struct jsonw *w, const struct payload *p)
{
	const struct jsonr *artifacts = jsonr_get(p->dossier->options, "artifacts");

	jsonw_field_array(w, "artifacts");
	if (jsonr_is_object(artifacts)) {
		jsonw_object(w);
		jsonw_field_str(w, "name", text_or(artifacts, "name", STR_NONE));
		jsonw_field_bool(w, "untracked", truth(artifacts, "untracked"));
		write_texts(w, "paths", jsonr_get(artifacts, "paths"));
		write_texts(w, "exclude", jsonr_get(artifacts, "exclude"));
		jsonw_field_str(w, "when", text_or(artifacts, "when", STR("on_success")));
		jsonw_field_str(w, "expire_in", expiry_of(p, artifacts));
		jsonw_field_str(w, "artifact_type", STR("archive"));
		jsonw_field_str(w, "artifact_format", STR("zip"));
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void write_caches(struct jsonw *w, const struct payload *p)
{
	const struct jsonr *caches = jsonr_get(p->dossier->options, "cache");

	jsonw_field_array(w, "cache");
	for (size_t i = 0; i < jsonr_length(caches); i++) {
		const struct jsonr *cache = jsonr_at(caches, i);

		jsonw_object(w);
		jsonw_field_str(w, "key",
				text_or(cache, "key", text_or(cache, "prefix", STR("default"))));
		jsonw_field_bool(w, "untracked", truth(cache, "untracked"));
		write_texts(w, "paths", jsonr_get(cache, "paths"));
		jsonw_field_str(w, "policy", text_or(cache, "policy", STR("pull-push")));
		jsonw_field_str(w, "when", text_or(cache, "when", STR("on_success")));
		write_texts(w, "fallback_keys", jsonr_get(cache, "fallback_keys"));
		jsonw_end(w);
	}
	jsonw_end(w);
}

/* The token of this job opens the archives of those before it. */
static void write_dependencies(struct jsonw *w, const struct payload *p)
{
	jsonw_field_array(w, "dependencies");
	for (size_t i = 0; i < p->dependencies->count; i++) {
		const struct artifact_dependency *d = &p->dependencies->items[i];

		jsonw_object(w);
		jsonw_field_int(w, "id", d->job.v);
		jsonw_field_str(w, "name", d->name);
		jsonw_field_str(w, "token", p->job->token);
		if (!str_is_none(d->filename)) {
			jsonw_field_object(w, "artifacts_file");
			jsonw_field_str(w, "filename", d->filename);
			jsonw_field_int(w, "size", (int64_t)d->size);
			jsonw_end(w);
		}
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_field_array(w, "credentials");
	jsonw_end(w);
}

static void write_list(struct jsonw *w, const char *key, const char *const *words, size_t count)
{
	jsonw_field_array(w, key);
	for (size_t i = 0; i < count; i++)
		jsonw_str(w, str_c(words[i]));
	jsonw_end(w);
}

static void write_features(struct jsonw *w)
{
	static const char *const reasons[] = {
		"script_failure",     "runner_system_failure",      "job_execution_timeout",
		"image_pull_failure", "runner_configuration_error", "unknown_failure",
	};
	static const char *const prefixes[] = { "glpat-", "glcbt-", "glrt-", "gldt-", "glptt-" };

	jsonw_field_object(w, "features");
	jsonw_field_bool(w, "trace_sections", true);
	write_list(w, "failure_reasons", reasons, ARRAY_LEN(reasons));
	write_list(w, "token_mask_prefixes", prefixes, ARRAY_LEN(prefixes));
	jsonw_end(w);
}

/* -------------------------------------------------------------------------- whole */

static void write_payload(struct jsonw *w, const struct payload *p)
{
	jsonw_object(w);
	jsonw_field_int(w, "id", p->job->id.v);
	jsonw_field_str(w, "token", p->job->token);
	jsonw_field_bool(w, "allow_git_fetch", true);
	write_job_info(w, p);
	write_git_info(w, p);
	jsonw_field_object(w, "runner_info");
	jsonw_field_int(w, "timeout", p->job->timeout);
	jsonw_end(w);
	write_variables(w, p);
	write_steps(w, p);
	write_images(w, p);
	write_artifacts(w, p);
	write_caches(w, p);
	write_dependencies(w, p);
	write_features(w);
	/* Ours; a stock runner does not know it. */
	if (p->job->is_exclusive)
		jsonw_field_int(w, "lease_seconds", JOB_LEASE_SECONDS);
	jsonw_end(w);
}

static int64_t depth_of(const struct ci_variables *variables)
{
	const struct ci_variable *wish = ci_variables_find(variables, STR("GIT_DEPTH"));
	int64_t depth;

	if (wish && str_to_i64(wish->value, &depth) && depth >= 0)
		return depth;
	return DEPTH_DEFAULT;
}

static int check_dependencies(const struct artifact_dependencies *dependencies, struct err *e)
{
	for (size_t i = 0; i < dependencies->count; i++)
		if (dependencies->items[i].is_gone)
			return err_set(
				e, ERR_GONE,
				"The artifacts of %.*s, which this job needs, expired or were "
				"removed. Run that job again first.",
				STR_FMT(dependencies->items[i].name));
	return 0;
}

/* A masked value has no business in an address that everybody sees. */
static bool holds_secret(const struct ci_variables *v, struct str text)
{
	for (size_t i = 0; i < v->count; i++)
		if (v->items[i].is_masked && v->items[i].value.n >= JOB_SECRET_MIN &&
		    str_find_str(text, v->items[i].value) < text.n)
			return true;
	return false;
}

static int note_url(struct db *db, const struct job_dossier *d, struct err *e)
{
	const struct ci_variable *url = ci_variables_find(&d->variables, STR("CI_ENVIRONMENT_URL"));

	if (!url || holds_secret(&d->variables, url->value))
		return 0;
	return deploy_job_note_url(db, d->id, url->value, e);
}

int job_payload_write(struct db *db, const struct instance *instance, const struct runner *runner,
		      const struct job_claimed *job, struct arena *a, struct jsonw *w,
		      struct err *e)
{
	struct artifact_dependencies dependencies = { 0 };
	struct job_dossier dossier;
	struct payload p = { instance, job, &dossier, &dependencies, a, 0 };

	if (job_dossier_read(db, instance, job->id, job->token, runner, a, &dossier, e) < 0 ||
	    artifact_list_for_job(db, job->id, a, &dependencies, e) < 0 ||
	    check_dependencies(&dependencies, e) < 0 || note_url(db, &dossier, e) < 0)
		return -(int)e->code;
	p.depth = depth_of(&dossier.variables);
	write_payload(w, &p);
	return 0;
}

/* ------------------------------------------------------------------------ secrets */

static void add_secret(struct str_list *secrets, struct str value)
{
	size_t at = secrets->count;

	if (value.n < JOB_SECRET_MIN)
		return;
	for (size_t i = 0; i < secrets->count; i++)
		if (str_eq(secrets->items[i], value))
			return;
	secrets->count++;
	for (; at > 0 && secrets->items[at - 1].n < value.n; at--)
		secrets->items[at] = secrets->items[at - 1];
	secrets->items[at] = value;
}

int job_secrets(struct db *db, const struct instance *instance, struct job_id job, struct str token,
		struct arena *a, struct str_list *secrets, struct err *e)
{
	struct job_dossier dossier;
	const struct ci_variables *v = &dossier.variables;

	if (job_dossier_read(db, instance, job, token, NULL, a, &dossier, e) < 0)
		return -(int)e->code;
	*secrets = (struct str_list){ ARENA_ARRAY(a, struct str, v->count + 1), 0 };
	for (size_t i = 0; i < v->count; i++)
		if (v->items[i].is_masked)
			add_secret(secrets, v->items[i].value);
	if (!str_is_none(token))
		add_secret(secrets, token);
	return 0;
}
