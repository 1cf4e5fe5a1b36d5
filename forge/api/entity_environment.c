#include "api/entity_environment.h"

#include "api/api.h"
#include "api/entity.h"

static void write_brief(struct jsonw *w, const struct environment *n)
{
	jsonw_field_int(w, "id", n->id.v);
	jsonw_field_str(w, "name", n->name);
	jsonw_field_str(w, "slug", n->slug);
	jsonw_field_str(w, "description", n->description);
	jsonw_field_str(w, "external_url", n->external_url);
	jsonw_field_str(w, "state", str_c(environment_state_name(n->state)));
	jsonw_field_str(w, "tier", str_c(environment_tier_name(n->tier)));
	api_field_time(w, "created_at", true, n->created_at);
	api_field_time(w, "updated_at", true, n->updated_at);
	api_field_time(w, "auto_stop_at", n->has_auto_stop_at, n->auto_stop_at);
}

void entity_environment(struct jsonw *w, const struct request *rq,
			const struct environment *environment, const struct deployment *last)
{
	struct str id = arena_fmt(rq->arena, "%lld", (long long)environment->id.v);

	jsonw_object(w);
	write_brief(w, environment);
	jsonw_field_str(
		w, "web_url",
		request_absolute(rq, url_for(rq->arena, ROUTE_environment, rq->project->path, id)));
	if (last) {
		jsonw_key(w, "last_deployment");
		entity_deployment(w, rq, last);
	} else {
		jsonw_field_null(w, "last_deployment");
	}
	jsonw_end(w);
}

static void write_job(struct jsonw *w, const struct request *rq, const struct deployment *d)
{
	struct str id = arena_fmt(rq->arena, "%lld", (long long)d->job.v);

	if (d->job.v == 0) {
		jsonw_field_null(w, "deployable");
		return;
	}
	jsonw_key(w, "deployable");
	jsonw_object(w);
	jsonw_field_int(w, "id", d->job.v);
	jsonw_field_str(w, "name", d->job_name);
	jsonw_field_str(w, "status", str_c(deployment_status_name(d->status)));
	jsonw_field_str(w, "ref", d->ref_name);
	jsonw_field_bool(w, "tag", d->is_tag);
	jsonw_field_str(w, "web_url",
			request_absolute(rq, url_for(rq->arena, ROUTE_job, rq->project->path, id)));
	jsonw_key(w, "pipeline");
	jsonw_object(w);
	jsonw_field_int(w, "id", d->pipeline.v);
	jsonw_field_int(w, "iid", d->pipeline_iid);
	jsonw_field_str(w, "ref", d->ref_name);
	jsonw_field_str(w, "sha", d->sha);
	jsonw_end(w);
	jsonw_end(w);
}

static void write_deployment(struct jsonw *w, const struct request *rq, const struct deployment *d)
{
	jsonw_field_int(w, "id", d->id.v);
	jsonw_field_int(w, "iid", d->iid);
	jsonw_field_str(w, "ref", d->ref_name);
	jsonw_field_str(w, "ref_path", d->ref);
	jsonw_field_str(w, "sha", d->sha);
	jsonw_field_str(w, "tree", d->tree);
	jsonw_field_str(w, "status", str_c(deployment_status_name(d->status)));
	jsonw_field_str(w, "kind", str_c(deployment_kind_name(d->kind)));
	jsonw_field_bool(w, "current", d->is_current);
	api_field_time(w, "created_at", true, d->created_at);
	api_field_time(w, "updated_at", true, d->has_finished_at ? d->finished_at : d->created_at);
	api_field_time(w, "finished_at", d->has_finished_at, d->finished_at);
	jsonw_key(w, "user");
	entity_user_brief(w, rq, &d->user);
	jsonw_key(w, "environment");
	jsonw_object(w);
	jsonw_field_int(w, "id", d->environment.v);
	jsonw_field_str(w, "name", d->environment_name);
	jsonw_end(w);
	write_job(w, rq, d);
}

void entity_deployment(struct jsonw *w, const struct request *rq, const struct deployment *d)
{
	jsonw_object(w);
	write_deployment(w, rq, d);
	jsonw_end(w);
}

void entity_deployment_whole(struct jsonw *w, const struct request *rq, const struct deployment *d,
			     const struct deployment_artifacts *artifacts)
{
	jsonw_object(w);
	write_deployment(w, rq, d);
	jsonw_field_array(w, "artifacts");
	for (size_t i = 0; i < artifacts->count; i++) {
		const struct deployment_artifact *artifact = &artifacts->items[i];

		jsonw_object(w);
		jsonw_field_str(w, "job_name", artifact->job_name);
		jsonw_field_str(w, "filename", artifact->filename);
		jsonw_field_int(w, "size", artifact->size);
		jsonw_field_str(w, "sha256", artifact->sha256);
		jsonw_end(w);
	}
	jsonw_end(w);
	jsonw_end(w);
}
