#include "runner/job.h"

#include "base/jsonr.h"

#define DEFAULT_TIMEOUT 7200
#define ITEMS_MAX 10000
/* Seconds. Words are said every 15 s, or 20 s after one without an answer. */
#define LEASE_LEAST 45
#define LEASE_MAX 86400

struct reader {
	struct arena *arena;
	const char *where; /* for messages */
};

static int wrong(const struct reader *r, const char *key, const char *expected, struct err *e)
{
	return err_set(e, ERR_INVALID, "job payload: %s.%s should be %s", r->where, key, expected);
}

/* Copied: the JSON text goes before the job does. null and absent give none. */
static int read_text(const struct reader *r, const struct jsonr *object, const char *key,
		     struct str *text, struct err *e)
{
	const struct jsonr *value = jsonr_get(object, key);

	*text = STR_NONE;
	if (value == NULL || jsonr_is_null(value))
		return 0;
	if (str_is_none(jsonr_text(value)))
		return wrong(r, key, "a string", e);
	*text = arena_str(r->arena, jsonr_text(value));
	return 0;
}

static int read_integer(const struct reader *r, const struct jsonr *object, const char *key,
			int64_t *value, struct err *e)
{
	const struct jsonr *node = jsonr_get(object, key);

	*value = 0;
	if (node == NULL || jsonr_is_null(node) || jsonr_integer(node, value))
		return 0;
	return wrong(r, key, "a whole number", e);
}

static int read_bool(const struct reader *r, const struct jsonr *object, const char *key,
		     bool *value, struct err *e)
{
	const struct jsonr *node = jsonr_get(object, key);

	*value = false;
	if (node == NULL || jsonr_is_null(node) || jsonr_boolean(node, value))
		return 0;
	return wrong(r, key, "true or false", e);
}

static int read_list(const struct reader *r, const struct jsonr *object, const char *key,
		     const struct jsonr **list, size_t *count, struct err *e)
{
	*list = jsonr_get(object, key);
	*count = jsonr_length(*list);
	if (*list && !jsonr_is_null(*list) && !jsonr_is_array(*list))
		return wrong(r, key, "a list", e);
	return *count > ITEMS_MAX ? wrong(r, key, "shorter", e) : 0;
}

static int read_texts(const struct reader *r, const struct jsonr *object, const char *key,
		      struct str_list *texts, struct err *e)
{
	const struct jsonr *list;
	size_t count;

	if (read_list(r, object, key, &list, &count, e) < 0)
		return -(int)e->code;
	*texts = (struct str_list){ ARENA_ARRAY(r->arena, struct str, count), count };
	for (size_t i = 0; i < count; i++) {
		struct str text = jsonr_text(jsonr_at(list, i));

		if (str_is_none(text))
			return wrong(r, key, "a list of strings", e);
		texts->items[i] = arena_str(r->arena, text);
	}
	return 0;
}

static int read_when(const struct reader *r, const struct jsonr *object, enum job_when *when,
		     struct err *e)
{
	struct str word;

	if (read_text(r, object, "when", &word, e) < 0)
		return -(int)e->code;
	if (str_is_empty(word) || str_eq(word, STR("on_success")))
		*when = JOB_ON_SUCCESS;
	else if (str_eq(word, STR("always")))
		*when = JOB_ALWAYS;
	else if (str_eq(word, STR("on_failure")))
		*when = JOB_ON_FAILURE;
	else
		return wrong(r, "when", "on_success, always or on_failure", e);
	return 0;
}

static bool is_variable_name(struct str key)
{
	for (size_t i = 0; i < key.n; i++) {
		char c = key.p[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
		      (c >= '0' && c <= '9' && i > 0)))
			return false;
	}
	return key.n > 0;
}

/* Names that no shell can hold are left out, as every shell would. */
static int read_variables(const struct jsonr *root, struct arena *a, struct job *job, struct err *e)
{
	struct reader r = { a, "variables" };
	const struct jsonr *list;
	size_t count;

	if (read_list(&r, root, "variables", &list, &count, e) < 0)
		return -(int)e->code;
	job->variables = ARENA_ARRAY(a, struct job_variable, count);
	for (size_t i = 0; i < count; i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct job_variable *variable = &job->variables[job->variable_count];

		if (read_text(&r, item, "key", &variable->key, e) < 0 ||
		    read_text(&r, item, "value", &variable->value, e) < 0 ||
		    read_bool(&r, item, "file", &variable->is_file, e) < 0 ||
		    read_bool(&r, item, "masked", &variable->is_masked, e) < 0 ||
		    read_bool(&r, item, "raw", &variable->is_raw, e) < 0)
			return -(int)e->code;
		if (str_is_none(variable->value))
			variable->value = STR("");
		job->variable_count += is_variable_name(variable->key);
	}
	return 0;
}

static int read_steps(const struct jsonr *root, struct arena *a, struct job *job, struct err *e)
{
	struct reader r = { a, "steps" };
	const struct jsonr *list;

	if (read_list(&r, root, "steps", &list, &job->step_count, e) < 0)
		return -(int)e->code;
	job->steps = ARENA_ARRAY(a, struct job_step, job->step_count);
	for (size_t i = 0; i < job->step_count; i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct job_step *step = &job->steps[i];

		if (read_text(&r, item, "name", &step->name, e) < 0 ||
		    read_texts(&r, item, "script", &step->script, e) < 0 ||
		    read_integer(&r, item, "timeout", &step->timeout, e) < 0 ||
		    read_bool(&r, item, "allow_failure", &step->allow_failure, e) < 0 ||
		    read_when(&r, item, &step->when, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_artifacts(const struct jsonr *root, struct arena *a, struct job *job, struct err *e)
{
	struct reader r = { a, "artifacts" };
	const struct jsonr *list;

	if (read_list(&r, root, "artifacts", &list, &job->artifact_count, e) < 0)
		return -(int)e->code;
	job->artifacts = ARENA_ARRAY(a, struct job_artifact, job->artifact_count);
	for (size_t i = 0; i < job->artifact_count; i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct job_artifact *artifact = &job->artifacts[i];

		if (read_text(&r, item, "name", &artifact->name, e) < 0 ||
		    read_texts(&r, item, "paths", &artifact->paths, e) < 0 ||
		    read_texts(&r, item, "exclude", &artifact->exclude, e) < 0 ||
		    read_bool(&r, item, "untracked", &artifact->untracked, e) < 0 ||
		    read_text(&r, item, "expire_in", &artifact->expire_in, e) < 0 ||
		    read_text(&r, item, "artifact_type", &artifact->type, e) < 0 ||
		    read_text(&r, item, "artifact_format", &artifact->format, e) < 0 ||
		    read_when(&r, item, &artifact->when, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_dependencies(const struct jsonr *root, struct arena *a, struct job *job,
			     struct err *e)
{
	struct reader r = { a, "dependencies" };
	const struct jsonr *list;

	if (read_list(&r, root, "dependencies", &list, &job->dependency_count, e) < 0)
		return -(int)e->code;
	job->dependencies = ARENA_ARRAY(a, struct job_dependency, job->dependency_count);
	for (size_t i = 0; i < job->dependency_count; i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct job_dependency *dependency = &job->dependencies[i];

		if (read_integer(&r, item, "id", &dependency->id, e) < 0 ||
		    read_text(&r, item, "name", &dependency->name, e) < 0 ||
		    read_text(&r, item, "token", &dependency->token, e) < 0 ||
		    read_text(&r, jsonr_get(item, "artifacts_file"), "filename",
			      &dependency->filename, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_git(const struct jsonr *root, struct arena *a, struct job *job, struct err *e)
{
	struct reader r = { a, "git_info" };
	const struct jsonr *git = jsonr_get(root, "git_info");

	if (read_text(&r, git, "repo_url", &job->repo_url, e) < 0 ||
	    read_text(&r, git, "ref", &job->ref, e) < 0 ||
	    read_text(&r, git, "sha", &job->sha, e) < 0 ||
	    read_texts(&r, git, "refspecs", &job->refspecs, e) < 0 ||
	    read_integer(&r, git, "depth", &job->depth, e) < 0)
		return -(int)e->code;
	if (job->sha.n < 8 || str_is_empty(job->repo_url))
		return wrong(&r, "sha", "a commit id, with repo_url", e);
	return 0;
}

static int read_lease(const struct reader *r, const struct jsonr *root, struct job *job,
		      struct err *e)
{
	if (read_integer(r, root, "lease_seconds", &job->lease_seconds, e) < 0)
		return -(int)e->code;
	if (job->lease_seconds != 0 &&
	    (job->lease_seconds < LEASE_LEAST || job->lease_seconds > LEASE_MAX))
		return wrong(r, "lease_seconds", "45 to 86400", e);
	return 0;
}

static int read_head(const struct jsonr *root, struct arena *a, struct job *job, struct err *e)
{
	struct reader r = { a, "job" };
	const struct jsonr *info = jsonr_get(root, "job_info");
	const struct jsonr *features = jsonr_get(root, "features");

	if (read_integer(&r, root, "id", &job->id, e) < 0 ||
	    read_text(&r, root, "token", &job->token, e) < 0 ||
	    read_bool(&r, root, "allow_git_fetch", &job->may_fetch, e) < 0 ||
	    read_text(&r, info, "name", &job->name, e) < 0 ||
	    read_text(&r, info, "stage", &job->stage, e) < 0 ||
	    read_integer(&r, info, "project_id", &job->project_id, e) < 0 ||
	    read_integer(&r, jsonr_get(root, "runner_info"), "timeout", &job->timeout, e) < 0 ||
	    read_lease(&r, root, job, e) < 0 ||
	    read_texts(&r, features, "token_mask_prefixes", &job->mask_prefixes, e) < 0)
		return -(int)e->code;
	if (job->id <= 0 || str_is_empty(job->token))
		return wrong(&r, "id", "above 0, with a token", e);
	if (job->timeout <= 0)
		job->timeout = DEFAULT_TIMEOUT;
	job->has_image = jsonr_is_object(jsonr_get(root, "image"));
	job->has_cache = jsonr_length(jsonr_get(root, "cache")) > 0;
	return 0;
}

int job_parse(struct arena *a, struct str json, struct job *job, struct err *e)
{
	const struct jsonr *root;

	*job = (struct job){ 0 };
	if (jsonr_parse(a, json, &root, e) < 0)
		return err_add(e, "job payload");
	if (read_head(root, a, job, e) < 0 || read_git(root, a, job, e) < 0 ||
	    read_variables(root, a, job, e) < 0 || read_steps(root, a, job, e) < 0 ||
	    read_artifacts(root, a, job, e) < 0)
		return -(int)e->code;
	return read_dependencies(root, a, job, e);
}

struct str job_variable_value(const struct job *job, const char *key)
{
	for (size_t i = job->variable_count; i > 0; i--)
		if (str_eq_c(job->variables[i - 1].key, key))
			return job->variables[i - 1].value;
	return STR_NONE;
}
