/*
 * The variables of a job, put together in the order of gitlab-compat 3.2. What
 * is set later stands over what was set before, so the order of the calls in
 * collect() is the precedence.
 *
 * References are replaced here as far as that cannot change their meaning: a raw
 * variable's value is text that the runner must not look into again, so the
 * reference to it stays and the runner puts it in.
 */
#include "domain/job_dossier.h"

#include "domain/environment.h"
#include "domain/pipeline_variables_private.h"
#include "domain/variable.h"

static void set(struct ci_variables *v, const char *key, struct str value)
{
	pipeline_predefined_set(v, str_c(key), value);
}

static void set_int(struct ci_variables *v, const char *key, int64_t value)
{
	set(v, key, str_c(arena_strf(v->arena, "%lld", (long long)value)));
}

static void set_masked(struct ci_variables *v, const char *key, struct str value)
{
	ci_variables_set(
		v, (struct ci_variable){
			   .key = str_c(key), .value = value, .is_raw = true, .is_masked = true });
}

struct str job_repository_url(const struct instance *instance, struct str path, struct str token,
			      struct arena *a)
{
	struct str rest = instance->job_url;
	size_t scheme = str_find_str(rest, STR("://"));

	return str_c(arena_strf(a, "%.*s://gitlab-ci-token:%.*s@%.*s/%.*s.git",
				STR_FMT(str_upto(rest, scheme)), STR_FMT(token),
				STR_FMT(str_from(rest, scheme + 3)), STR_FMT(path)));
}

static void set_moment(struct ci_variables *v, const char *key, struct instant at)
{
	char text[INSTANT_TEXT_MAX];

	instant_format(at, text);
	text[strcspn(text, ".")] = '\0';
	set(v, key, str_c(arena_strf(v->arena, "%sZ", text)));
}

/* ---------------------------------------------------------------- predefined ones */

static void add_job(const struct instance *instance, const struct job_dossier *d, struct str token,
		    struct ci_variables *v)
{
	const struct q_variable_job_row *row = &d->row;

	set_int(v, "CI_JOB_ID", d->id.v);
	set(v, "CI_JOB_NAME", row->name);
	set(v, "CI_JOB_NAME_SLUG", ci_slug(v->arena, row->name));
	set(v, "CI_JOB_GROUP_NAME", row->name);
	set(v, "CI_JOB_STAGE", row->stage);
	set(v, "CI_JOB_URL",
	    str_c(arena_strf(v->arena, "%.*s/%.*s/-/jobs/%lld", STR_FMT(instance->url),
			     STR_FMT(d->facts.path), (long long)d->id.v)));
	set(v, "CI_NODE_TOTAL", STR("1"));
	if (str_eq_c(row->run_when, "manual"))
		set(v, "CI_JOB_MANUAL", STR("true"));
	if (row->has_started_at)
		set_moment(v, "CI_JOB_STARTED_AT", row->started_at);
	if (str_is_none(token))
		return;
	set_masked(v, "CI_JOB_TOKEN", token);
	set_masked(v, "CI_REPOSITORY_URL",
		   job_repository_url(instance, d->facts.path, token, v->arena));
}

static void add_pipeline(const struct instance *instance, const struct job_dossier *d,
			 struct ci_variables *v)
{
	const struct q_variable_job_row *row = &d->row;

	set_int(v, "CI_PIPELINE_ID", row->pipeline_id);
	set_int(v, "CI_PIPELINE_IID", row->iid);
	set(v, "CI_PIPELINE_URL",
	    str_c(arena_strf(v->arena, "%.*s/%.*s/-/pipelines/%lld", STR_FMT(instance->url),
			     STR_FMT(d->facts.path), (long long)row->pipeline_id)));
	set_moment(v, "CI_PIPELINE_CREATED_AT", row->pipeline_created_at);
	if (!str_is_none(row->pipeline_name))
		set(v, "CI_PIPELINE_NAME", row->pipeline_name);
	if (str_eq_c(row->source, "trigger"))
		set(v, "CI_PIPELINE_TRIGGERED", STR("true"));
}

/* Of a pipeline that was made without them being kept: what its row says. */
static void add_ref(const struct q_variable_job_row *row, struct ci_variables *v)
{
	set(v, "CI_PIPELINE_SOURCE", row->source);
	set(v, "CI_COMMIT_SHA", row->sha);
	set(v, "CI_COMMIT_SHORT_SHA", str_upto(row->sha, 8));
	set(v, "CI_COMMIT_BEFORE_SHA", row->before_sha);
	set(v, "CI_COMMIT_REF_NAME", row->ref_name);
	set(v, "CI_COMMIT_REF_SLUG", ci_slug(v->arena, row->ref_name));
	set(v, "CI_COMMIT_REF_PROTECTED", row->is_protected ? STR("true") : STR("false"));
	if (row->is_tag)
		set(v, "CI_COMMIT_TAG", row->ref_name);
	else if (str_starts(row->ref, STR("refs/heads/")))
		set(v, "CI_COMMIT_BRANCH", row->ref_name);
}

static void add_runner(const struct runner *runner, struct ci_variables *v)
{
	struct jsonw w;
	struct buf tags;

	if (!runner)
		return;
	set_int(v, "CI_RUNNER_ID", runner->id.v);
	set(v, "CI_RUNNER_DESCRIPTION", runner->description);
	buf_init(&tags, 65536);
	w = jsonw_to(&tags);
	jsonw_array(&w);
	for (size_t i = 0; i < runner->tags.count; i++)
		jsonw_str(&w, runner->tags.items[i]);
	jsonw_end(&w);
	set(v, "CI_RUNNER_TAGS", arena_str(v->arena, buf_str(&tags)));
	buf_fini(&tags);
}

/* ------------------------------------------------------------------- the file's own */

static void add_file(const struct job_dossier *d, struct ci_variables *v)
{
	const struct jsonr *list = jsonr_get(d->options, "variables");

	for (size_t i = 0; i < jsonr_length(list); i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct ci_variable variable = { .key = jsonr_text(jsonr_get(item, "key")),
						.value = jsonr_text(jsonr_get(item, "value")) };

		if (str_is_none(variable.key) || str_is_none(variable.value))
			continue;
		if (!jsonr_boolean(jsonr_get(item, "raw"), &variable.is_raw))
			variable.is_raw = false;
		ci_variables_set(v, variable);
	}
}

/* ------------------------------------------------------------------- environment */

static struct str tier_of(const struct job_dossier *d)
{
	struct str tier = jsonr_text(jsonr_get(d->options, "environment_tier"));

	if (!str_is_empty(tier))
		return tier;
	return str_c(environment_tier_name(environment_tier_guess(d->row.environment)));
}

/* The environment's row is there since the claim. */
static int add_environment(struct db *db, const struct job_dossier *d, struct ci_variables *v,
			   struct err *e)
{
	const struct q_variable_job_row *row = &d->row;
	struct str url = jsonr_text(jsonr_get(d->options, "environment_url"));
	struct environment environment;
	bool found;

	if (str_is_none(row->environment))
		return 0;
	if (environment_find_by_name(db, (struct project_id){ row->project_id }, row->environment,
				     v->arena, &environment, &found, e) < 0)
		return -(int)e->code;
	if (found)
		set_int(v, "CI_ENVIRONMENT_ID", environment.id.v);
	set(v, "CI_ENVIRONMENT_NAME", row->environment);
	set(v, "CI_ENVIRONMENT_SLUG",
	    found ? environment.slug : environment_slug(v->arena, row->environment));
	set(v, "CI_ENVIRONMENT_TIER", tier_of(d));
	set(v, "CI_ENVIRONMENT_ACTION",
	    str_is_none(row->environment_action) ? STR("start") : row->environment_action);
	if (!str_is_empty(url))
		set(v, "CI_ENVIRONMENT_URL", ci_variables_expand(v, v->arena, url));
	return 0;
}

/* ------------------------------------------------------------------- all of them */

struct collecting {
	struct db *db;
	const struct instance *instance;
	const struct runner *runner;
	struct str token;
	struct arena *arena;
};

static int add_predefined(const struct collecting *c, const struct job_dossier *d,
			  struct ci_variables *v, struct err *e)
{
	struct project_id project = { d->row.project_id };

	pipeline_predefined_add_server(c->instance, v);
	pipeline_predefined_add_project(c->instance, project, &d->facts, v);
	add_job(c->instance, d, c->token, v);
	add_pipeline(c->instance, d, v);
	add_ref(&d->row, v);
	add_runner(c->runner, v);
	return pipeline_predefined_parse(d->row.predefined, c->arena, v, e);
}

static int add_stored(const struct collecting *c, const struct job_dossier *d,
		      struct ci_variables *v, struct err *e)
{
	struct variable_store store = { c->db, c->instance->secret };
	struct variable_use use = { .project = { d->row.project_id },
				    .is_protected = d->row.is_protected,
				    .environment = d->row.environment };

	return variable_collect(&store, &use, c->arena, v, e);
}

static int add_given(const struct collecting *c, const struct job_dossier *d,
		     struct ci_variables *v, struct err *e)
{
	struct pipeline_id pipeline = { d->row.pipeline_id };

	if (pipeline_variables_given(c->db, c->instance->secret, pipeline, c->arena, v, e) < 0)
		return -(int)e->code;
	return job_variables_given(c->db, c->instance->secret, d->id, c->arena, v, e);
}

#define EXPANDED_MAX (8u << 20) /* of one job; a process is given far less */

/* Values that refer to others, as far as the others' values may be looked into. */
static void expand_all(struct ci_variables *v)
{
	struct ci_variables open;
	size_t bytes = 0;

	ci_variables_init(&open, v->arena);
	for (size_t i = 0; i < v->count; i++)
		if (!v->items[i].is_raw)
			ci_variables_set(&open, v->items[i]);
	for (size_t i = 0; i < v->count && bytes <= EXPANDED_MAX; i++) {
		v->items[i].value = ci_variables_expand_value(&open, v->arena, &v->items[i]);
		bytes += v->items[i].value.n;
	}
}

static int collect(const struct collecting *c, struct job_dossier *d, struct err *e)
{
	struct ci_variables *v = &d->variables;
	struct user_id user = { d->row.has_user_id ? d->row.user_id : 0 };

	ci_variables_init(v, c->arena);
	if (add_predefined(c, d, v, e) < 0)
		return -(int)e->code;
	add_file(d, v);
	pipeline_predefined_add_user(user, &d->facts, v);
	if (add_stored(c, d, v, e) < 0 || add_given(c, d, v, e) < 0 ||
	    add_environment(c->db, d, v, e) < 0)
		return -(int)e->code;
	expand_all(v);
	return 0;
}

int job_dossier_read(struct db *db, const struct instance *instance, struct job_id id,
		     struct str token, const struct runner *runner, struct arena *a,
		     struct job_dossier *dossier, struct err *e)
{
	struct collecting c = { db, instance, runner, token, a };
	struct job_dossier *d = dossier;
	struct user_id user;
	bool found;

	*d = (struct job_dossier){ .id = id };
	if (q_variable_job(db, &(struct q_variable_job_in){ id.v }, a, &d->row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Job Not Found");
	user.v = d->row.has_user_id ? d->row.user_id : 0;
	if (pipeline_facts_read(db, (struct project_id){ d->row.project_id }, user, a, &d->facts,
				e) < 0)
		return -(int)e->code;
	if (jsonr_parse(a, d->row.options, &d->options, e) < 0)
		return err_set(e, ERR_INTERNAL, "options of job %lld: no JSON", (long long)id.v);
	return collect(&c, d, e);
}
