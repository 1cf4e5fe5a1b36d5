/*
 * POST /projects/:id/pipeline: runs a pipeline of a branch or tag, with variables
 * (given.h). Hearth's own field: `sha`, an older commit of the ref. And the
 * variables that a pipeline was given.
 */
#include "api/api.h"
#include "api/entity_ci.h"
#include "api/given.h"
#include "api/merge_request.h"
#include "api/project.h"
#include "domain/pipeline_request.h"
#include "domain/pipeline_run.h"
#include "domain/pipeline_view.h"

/* GitLab's shape of what stands in a pipeline's way. */
static int send_refusal(struct request *rq, const struct err *why, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_object(w);
	jsonw_key(w, "message");
	jsonw_object(w);
	jsonw_key(w, "base");
	jsonw_array(w);
	jsonw_str(w, str_c(why->text));
	jsonw_end(w);
	jsonw_end(w);
	jsonw_end(w);
	return request_send_json(rq, 400, e);
}

static int send_pipeline(struct request *rq, struct pipeline_id id, struct err *e)
{
	struct pipeline pipeline;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    pipeline_get(db, rq->project->id, id, rq->arena, &pipeline, e) < 0)
		return -(int)e->code;
	entity_pipeline(request_jsonw(rq), rq, &pipeline, true);
	return request_send_json(rq, 201, e);
}

int api_pipeline_create(struct request *rq, struct err *e)
{
	struct ci_variables given;
	struct pipeline_order order = { .project = rq->project->id,
					.commit = str_trim(request_form(rq, "sha")),
					.why = CI_SOURCE_API,
					.variables = &given };
	struct pipeline_made made;
	struct err why = { 0 };

	if (api_need(rq, "ref", &order.ref, e) < 0 ||
	    api_given_read(rq, "variables", &given, &why) < 0 ||
	    request_repo(rq, &order.repo, e) < 0) {
		if (why.code != ERR_NONE)
			return send_refusal(rq, &why, e);
		return -(int)e->code;
	}
	request_db_return(rq);
	if (pipeline_run(rq->app->instance, &rq->actor, &order, rq->arena, &made, &why) == 0)
		return send_pipeline(rq, made.id, e);
	if (why.code == ERR_UNPROCESSABLE)
		return send_refusal(rq, &why, e);
	*e = why;
	return -(int)e->code;
}

/* POST /projects/:id/merge_requests/:iid/pipelines */
int api_merge_request_pipeline_create(struct request *rq, struct err *e)
{
	struct pipeline_made made;
	struct merge_request mr;
	struct err why = { 0 };

	if (api_merge_request_check(rq, &mr, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (pipeline_run_of_request(rq->app->instance, &rq->actor, &mr, rq->arena, &made, &why) ==
	    0)
		return send_pipeline(rq, made.id, e);
	if (why.code == ERR_UNPROCESSABLE)
		return send_refusal(rq, &why, e);
	*e = why;
	return -(int)e->code;
}

/* For who may run it: they may be secrets, as in GitLab. */
int api_pipeline_variables(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct ci_variables given;
	struct pipeline pipeline;
	struct pipeline_id id;
	struct db *db;

	ci_variables_init(&given, rq->arena);
	if (api_path_id(rq, "pipeline", "404 Pipeline Not Found", &id.v, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    pipeline_get(db, rq->project->id, id, rq->arena, &pipeline, e) < 0 ||
	    pipeline_variables_given(db, rq->app->secret, id, rq->arena, &given, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < given.count; i++) {
		jsonw_object(w);
		jsonw_field_str(w, "key", given.items[i].key);
		jsonw_field_str(w, "value", given.items[i].value);
		jsonw_field_str(w, "variable_type",
				given.items[i].is_file ? STR("file") : STR("env_var"));
		jsonw_field_bool(w, "raw", given.items[i].is_raw);
		jsonw_end(w);
	}
	jsonw_end(w);
	rq->has_secret = true;
	return request_send_json(rq, 200, e);
}
