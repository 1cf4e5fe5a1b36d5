/*
 * POST /projects/:id/pipeline: runs a pipeline of a branch or tag, with variables.
 * JSON: variables is a list of {key, value, variable_type}; a form sends
 * variables[][key] and variables[][value] in pairs. Hearth's own field: `sha`,
 * an older commit of the ref. And the variables that a pipeline was given.
 */
#include "api/api.h"
#include "api/entity_ci.h"
#include "api/merge_request.h"
#include "api/project.h"
#include "domain/pipeline_request.h"
#include "domain/pipeline_run.h"
#include "domain/pipeline_view.h"

static int read_json(const struct request *rq, struct ci_variables *given, struct err *e)
{
	const struct jsonr *list = jsonr_get(rq->json, "variables");

	for (size_t i = 0; i < jsonr_length(list); i++) {
		const struct jsonr *item = jsonr_at(list, i);
		struct str type = jsonr_text(jsonr_get(item, "variable_type"));

		if (!jsonr_is_object(item))
			return err_set(e, ERR_INVALID, "variables is invalid");
		if (!str_is_none(type) && !str_eq_c(type, "env_var") && !str_eq_c(type, "file"))
			return err_set(e, ERR_INVALID,
				       "variables[variable_type] does not have a "
				       "valid value");
		if (pipeline_given_add(given, jsonr_text(jsonr_get(item, "key")),
				       jsonr_text(jsonr_get(item, "value")), str_eq_c(type, "file"),
				       e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int read_form(const struct request *rq, struct ci_variables *given, struct err *e)
{
	struct str_list keys = request_form_list(rq, "variables[][key]");
	struct str_list values = request_form_list(rq, "variables[][value]");

	if (keys.count != values.count)
		return err_set(e, ERR_INVALID, "variables is invalid");
	for (size_t i = 0; i < keys.count; i++)
		if (pipeline_given_add(given, keys.items[i], values.items[i], false, e) < 0)
			return -(int)e->code;
	return 0;
}

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

	ci_variables_init(&given, rq->arena);
	if (api_need(rq, "ref", &order.ref, e) < 0 ||
	    (rq->json ? read_json(rq, &given, &why) : read_form(rq, &given, &why)) < 0 ||
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
