#include "api/entity_ci.h"

#include "api/api.h"

static void write_user(struct jsonw *w, const struct request *rq, const struct pipeline_user *user)
{
	const struct user_brief brief = { user->id, user->username, user->name };

	jsonw_key(w, "user");
	entity_user_brief(w, rq, &brief);
}

static struct str web_url(const struct request *rq, enum route_id route, int64_t id)
{
	struct str number = arena_fmt(rq->arena, "%lld", (long long)id);

	return request_absolute(rq, url_for(rq->arena, route, rq->project->path, number));
}

static void double_or_null(struct jsonw *w, const char *key, bool has, double value)
{
	jsonw_key(w, key);
	if (has)
		jsonw_double(w, value);
	else
		jsonw_null(w);
}

static void int_or_null(struct jsonw *w, const char *key, bool has, int64_t value)
{
	if (has)
		jsonw_field_int(w, key, value);
	else
		jsonw_field_null(w, key);
}

/* ------------------------------------------------------------------------ pipelines */

struct basic {
	int64_t id, iid;
	struct str sha, ref_name, source, name;
	enum ci_status status;
	struct instant created_at, updated_at;
};

/* Of a merge request's pipeline GitLab has the whole ref, of others the name. */
static struct str ref_of(struct str source, struct str ref, struct str name)
{
	return str_eq_c(source, "merge_request_event") ? ref : name;
}

static void write_basic(struct jsonw *w, const struct request *rq, const struct basic *b)
{
	jsonw_field_int(w, "id", b->id);
	jsonw_field_int(w, "iid", b->iid);
	jsonw_field_int(w, "project_id", rq->project->id.v);
	jsonw_field_str(w, "sha", b->sha);
	jsonw_field_str(w, "ref", b->ref_name);
	jsonw_field_str(w, "status", str_c(ci_status_name(b->status)));
	jsonw_field_str(w, "source", b->source);
	jsonw_field_time(w, "created_at", b->created_at);
	jsonw_field_time(w, "updated_at", b->updated_at);
	jsonw_field_str(w, "web_url", web_url(rq, ROUTE_pipeline, b->id));
	jsonw_field_str(w, "name", b->name);
}

static void write_detailed_status(struct jsonw *w, const struct request *rq,
				  const struct pipeline *pipeline)
{
	struct str group = str_c(ci_status_name(pipeline->status));
	struct str word = group;

	if (pipeline->status == CI_STATUS_SUCCESS)
		word = pipeline->has_warnings ? STR("passed with warnings") : STR("passed");
	if (pipeline->has_warnings)
		group = STR("success-with-warnings");
	jsonw_field_object(w, "detailed_status");
	jsonw_field_str(w, "icon", arena_fmt(rq->arena, "status_%.*s", STR_FMT(group)));
	jsonw_field_str(w, "text", word);
	jsonw_field_str(w, "label", word);
	jsonw_field_str(w, "group", group);
	jsonw_field_str(w, "tooltip", word);
	jsonw_field_bool(w, "has_details", true);
	jsonw_field_str(w, "details_path",
			url_for(rq->arena, ROUTE_pipeline, rq->project->path,
				arena_fmt(rq->arena, "%lld", (long long)pipeline->id.v)));
	jsonw_field_null(w, "illustration");
	jsonw_field_null(w, "favicon");
	jsonw_end(w);
}

static struct str yaml_errors(const struct request *rq, const struct pipeline *pipeline)
{
	if (str_is_none(pipeline->config_error) || pipeline->config_line <= 0)
		return pipeline->config_error;
	return arena_fmt(rq->arena, "%.*s:%d:%d: %.*s", STR_FMT(pipeline->config_file),
			 pipeline->config_line, pipeline->config_column,
			 STR_FMT(pipeline->config_error));
}

static void write_full(struct jsonw *w, const struct request *rq, const struct pipeline *pipeline)
{
	jsonw_field_str(w, "before_sha", pipeline->before_sha);
	jsonw_field_bool(w, "tag", pipeline->is_tag);
	jsonw_field_str(w, "yaml_errors", yaml_errors(rq, pipeline));
	write_user(w, rq, &pipeline->user);
	api_field_time(w, "started_at", pipeline->has_started_at, pipeline->started_at);
	api_field_time(w, "finished_at", pipeline->has_finished_at, pipeline->finished_at);
	jsonw_field_null(w, "committed_at");
	int_or_null(w, "duration", pipeline->has_finished_at,
		    (int64_t)(pipeline->running_seconds + 0.5));
	int_or_null(w, "queued_duration", pipeline->has_started_at,
		    (int64_t)(pipeline->queued_seconds + 0.5));
	jsonw_field_null(w, "coverage");
	jsonw_field_bool(w, "archived", rq->project->is_archived);
	write_detailed_status(w, rq, pipeline);
}

void entity_pipeline(struct jsonw *w, const struct request *rq, const struct pipeline *pipeline,
		     bool is_full)
{
	const struct basic basic = { .id = pipeline->id.v,
				     .iid = pipeline->iid,
				     .sha = pipeline->sha,
				     .ref_name = ref_of(pipeline->source, pipeline->ref,
							pipeline->ref_name),
				     .source = pipeline->source,
				     .name = pipeline->name,
				     .status = pipeline->status,
				     .created_at = pipeline->created_at,
				     .updated_at = pipeline->updated_at };

	jsonw_object(w);
	write_basic(w, rq, &basic);
	if (is_full)
		write_full(w, rq, pipeline);
	jsonw_end(w);
}

/* ----------------------------------------------------------------------------- jobs */

static void write_pipeline_of(struct jsonw *w, const struct request *rq, const struct job *job)
{
	const struct basic basic = { .id = job->pipeline.v,
				     .iid = job->pipeline_iid,
				     .sha = job->sha,
				     .ref_name = ref_of(job->source, job->ref, job->ref_name),
				     .source = job->source,
				     .status = job->pipeline_status,
				     .created_at = job->pipeline_created_at,
				     .updated_at = job->pipeline_updated_at };

	jsonw_field_object(w, "pipeline");
	write_basic(w, rq, &basic);
	jsonw_end(w);
}

static void write_runner_of(struct jsonw *w, const struct job_runner *runner)
{
	if (runner->id.v == 0) {
		jsonw_field_null(w, "runner");
		return;
	}
	jsonw_field_object(w, "runner");
	jsonw_field_int(w, "id", runner->id.v);
	jsonw_field_str(w, "description", runner->description);
	jsonw_field_str(w, "ip_address", runner->ip);
	jsonw_field_bool(w, "active", !runner->is_paused);
	jsonw_field_bool(w, "paused", runner->is_paused);
	jsonw_field_bool(w, "is_shared", str_eq_c(runner->kind, "instance"));
	jsonw_key(w, "runner_type");
	jsonw_raw(w, str_eq_c(runner->kind, "instance") ? STR("\"instance_type\"")
		     : str_eq_c(runner->kind, "group")  ? STR("\"group_type\"")
							: STR("\"project_type\""));
	jsonw_field_null(w, "name");
	jsonw_end(w);
}

static void write_artifacts(struct jsonw *w, const struct artifacts *artifacts)
{
	const struct artifact *archive = NULL;

	jsonw_field_array(w, "artifacts");
	for (size_t i = 0; artifacts && i < artifacts->count; i++) {
		const struct artifact *one = &artifacts->items[i];

		if (str_is_none(one->sha256))
			continue;
		jsonw_object(w);
		jsonw_field_str(w, "file_type", one->type);
		jsonw_field_int(w, "size", (int64_t)one->size);
		jsonw_field_str(w, "filename", one->filename);
		jsonw_field_str(w, "file_format", one->format);
		jsonw_end(w);
		if (str_eq_c(one->type, "archive"))
			archive = one;
	}
	jsonw_end(w);
	api_field_time(w, "artifacts_expire_at", archive && archive->expires,
		       archive ? archive->expires_at : (struct instant){ 0 });
	if (!archive)
		return;
	jsonw_field_object(w, "artifacts_file");
	jsonw_field_str(w, "filename", archive->filename);
	jsonw_field_int(w, "size", (int64_t)archive->size);
	jsonw_end(w);
}

/* What of a commit is known without the repository. */
static void write_commit_of(struct jsonw *w, const struct request *rq, const struct job *job)
{
	jsonw_field_object(w, "commit");
	jsonw_field_str(w, "id", job->sha);
	jsonw_field_str(w, "short_id", str_upto(job->sha, 8));
	jsonw_field_str(w, "web_url",
			request_absolute(
				rq, url_for(rq->arena, ROUTE_commit, rq->project->path, job->sha)));
	jsonw_end(w);
}

static void write_tags(struct jsonw *w, const struct str_list *tags)
{
	jsonw_field_array(w, "tag_list");
	for (size_t i = 0; i < tags->count; i++)
		jsonw_str(w, tags->items[i]);
	jsonw_end(w);
}

static void write_job_core(struct jsonw *w, const struct job *job)
{
	bool is_started = job->has_started_at;

	jsonw_field_int(w, "id", job->id.v);
	jsonw_field_str(w, "status", str_c(ci_status_name(job->status)));
	jsonw_field_str(w, "stage", job->stage);
	jsonw_field_str(w, "name", job->name);
	jsonw_field_str(w, "ref", job->ref_name);
	jsonw_field_bool(w, "tag", job->is_tag);
	jsonw_field_null(w, "coverage");
	jsonw_field_bool(w, "allow_failure", job->allow_failure);
	jsonw_field_time(w, "created_at", job->created_at);
	api_field_time(w, "started_at", is_started, job->started_at);
	api_field_time(w, "finished_at", job->has_finished_at, job->finished_at);
	jsonw_field_null(w, "erased_at");
	double_or_null(w, "duration", is_started, job->running_seconds);
	double_or_null(w, "queued_duration", job->has_queued_at, job->queued_seconds);
	jsonw_field_str(w, "failure_reason", job->failure_reason);
	jsonw_field_str(w, "failure_message", job->failure_message);
}

void entity_job(struct jsonw *w, const struct request *rq, const struct job *job,
		const struct artifacts *artifacts)
{
	jsonw_object(w);
	write_job_core(w, job);
	write_user(w, rq, &job->user);
	write_commit_of(w, rq, job);
	write_pipeline_of(w, rq, job);
	jsonw_field_str(w, "web_url", web_url(rq, ROUTE_job, job->id.v));
	jsonw_field_object(w, "project");
	jsonw_field_bool(w, "ci_job_token_scope_enabled", false);
	jsonw_end(w);
	write_artifacts(w, artifacts);
	write_runner_of(w, &job->runner);
	jsonw_field_null(w, "runner_manager");
	jsonw_field_bool(w, "archived", rq->project->is_archived);
	write_tags(w, &job->tags);
	jsonw_end(w);
}

/* -------------------------------------------------------------------------- runners */

static const char *type_of(enum runner_kind kind)
{
	switch (kind) {
	case RUNNER_INSTANCE:
		return "instance_type";
	case RUNNER_GROUP:
		return "group_type";
	case RUNNER_PROJECT:
		break;
	}
	return "project_type";
}

static void write_runner_full(struct jsonw *w, const struct runner_view *v)
{
	const struct runner *runner = &v->runner;

	jsonw_field_str(w, "architecture", v->architecture);
	jsonw_field_str(w, "platform", v->platform);
	jsonw_field_str(w, "version", v->version);
	jsonw_field_null(w, "revision");
	api_field_time(w, "contacted_at", v->has_contacted_at, v->contacted_at);
	jsonw_field_str(w, "maintenance_note", v->maintenance_note);
	write_tags(w, &runner->tags);
	jsonw_field_bool(w, "run_untagged", runner->run_untagged);
	jsonw_field_bool(w, "locked", v->is_locked);
	jsonw_field_str(w, "access_level",
			runner->is_protected ? STR("ref_protected") : STR("not_protected"));
	int_or_null(w, "maximum_timeout", runner->maximum_timeout > 0, runner->maximum_timeout);
	jsonw_field_array(w, "projects");
	if (runner->kind == RUNNER_PROJECT) {
		jsonw_object(w);
		jsonw_field_int(w, "id", runner->project.v);
		jsonw_field_str(w, "path_with_namespace", v->place);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_field_array(w, "groups");
	if (runner->kind == RUNNER_GROUP) {
		jsonw_object(w);
		jsonw_field_int(w, "id", runner->namespace.v);
		jsonw_field_str(w, "full_path", v->place);
		jsonw_end(w);
	}
	jsonw_end(w);
}

void entity_runner(struct jsonw *w, const struct runner_view *v, bool is_full)
{
	const struct runner *runner = &v->runner;

	jsonw_object(w);
	jsonw_field_int(w, "id", runner->id.v);
	jsonw_field_str(w, "description", runner->description);
	jsonw_field_str(w, "ip_address", v->ip);
	jsonw_field_bool(w, "active", !runner->is_paused);
	jsonw_field_bool(w, "paused", runner->is_paused);
	jsonw_field_bool(w, "is_shared", runner->kind == RUNNER_INSTANCE);
	jsonw_field_str(w, "runner_type", str_c(type_of(runner->kind)));
	jsonw_field_null(w, "name");
	jsonw_field_bool(w, "online", v->state == RUNNER_ONLINE);
	jsonw_field_time(w, "created_at", v->created_at);
	jsonw_field_str(w, "status", str_c(runner_state_name(v->state)));
	if (is_full)
		write_runner_full(w, v);
	jsonw_end(w);
}
