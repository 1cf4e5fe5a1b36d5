/* Deployments are made by jobs; here they are read, and repeated (ours: POST .../repeat). */
#include "api/api.h"
#include "api/entity_environment.h"
#include "domain/queue.h"

#define MISSING "404 Deployment Not Found"

static int read_order(const struct request *rq, struct deployment_filter *filter, struct err *e)
{
	static const char *const orders[] = { "id",         "iid",         "created_at",
					      "updated_at", "finished_at", "ref" };
	struct str order_by = request_query(rq, "order_by");
	struct str sort = request_query(rq, "sort");

	if (!str_is_empty(sort) && !str_eq_c(sort, "asc") && !str_eq_c(sort, "desc"))
		return err_set(e, ERR_INVALID, "sort does not have a valid value");
	filter->is_oldest_first = !str_eq_c(sort, "desc");
	for (size_t i = 0; i < ARRAY_LEN(orders); i++)
		if (str_eq_c(order_by, orders[i]))
			filter->order_by = order_by;
	if (!str_is_empty(order_by) && str_is_none(filter->order_by))
		return err_set(e, ERR_INVALID, "order_by does not have a valid value");
	return 0;
}

int api_deployment_list(struct request *rq, struct err *e)
{
	struct deployment_filter filter = { 0 };
	struct str status = request_query(rq, "status");
	struct str environment = request_query(rq, "environment");
	struct jsonw *w = request_jsonw(rq);
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	enum deployment_status parsed;
	struct deployments list;
	struct db *db;

	if (read_order(rq, &filter, e) < 0)
		return -(int)e->code;
	if (!str_is_empty(status) && !deployment_status_parse(status, &parsed))
		return err_set(e, ERR_INVALID, "status does not have a valid value");
	filter.status = str_is_empty(status) ? STR_NONE : status;
	filter.environment_name = str_is_empty(environment) ? STR_NONE : environment;
	if (request_db(rq, &db, e) < 0 ||
	    deployment_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_deployment(w, rq, &list.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

static int send_one(struct request *rq, struct db *db, struct deployment_id id, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct deployment_artifacts artifacts;
	struct deployment deployment;

	if (deployment_get(db, rq->project->id, id, rq->arena, &deployment, e) < 0 ||
	    deployment_artifacts(db, rq->project->id, id, rq->arena, &artifacts, e) < 0)
		return -(int)e->code;
	entity_deployment_whole(w, rq, &deployment, &artifacts);
	return request_send_json(rq, 200, e);
}

int api_deployment_get(struct request *rq, struct err *e)
{
	struct deployment_id id;
	struct db *db;

	if (api_path_id(rq, "deployment", MISSING, &id.v, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return send_one(rq, db, id, e);
}

int api_deployment_repeat(struct request *rq, struct err *e)
{
	struct deployment_id id;
	struct job_id job;
	size_t pending;
	struct jsonw *w;
	struct db *db;

	if (api_path_id(rq, "deployment", MISSING, &id.v, e) < 0 || request_db(rq, &db, e) < 0 ||
	    deployment_repeat(db, &rq->actor, rq->project->id, id, rq->arena, &job, &pending, e) <
		    0)
		return -(int)e->code;
	queue_announce(
		db, rq->app->live,
		&(struct queue_news){ .project = rq->project->id, .job = job, .pending = pending },
		rq->arena);
	w = request_jsonw(rq);
	jsonw_object(w);
	jsonw_field_int(w, "job_id", job.v);
	jsonw_end(w);
	return request_send_json(rq, 201, e);
}
