/* /groups and /namespaces. */
#include "api/api.h"
#include "api/entity.h"
#include "api/project.h"

static int send_group(struct request *rq, int status, const struct namespace *g, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	entity_group(w, rq, g);
	return request_send_json(rq, status, e);
}

static int send_list(struct request *rq, const struct namespace_filter *filter, bool as_groups,
		     struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct namespaces list;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    namespace_list(db, &rq->actor, filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++) {
		if (as_groups)
			entity_group(w, rq, list.items[i]);
		else
			entity_namespace(w, rq, list.items[i]);
	}
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_group_list(struct request *rq, struct err *e)
{
	struct namespace_filter filter = {
		.groups_only = true,
		.top_only = str_eq_c(request_query(rq, "top_level_only"), "true"),
		.writable_only = str_eq_c(request_query(rq, "owned"), "true"),
		.search = request_query(rq, "search"),
	};

	return send_list(rq, &filter, true, e);
}

int api_group_list_subgroups(struct request *rq, struct err *e)
{
	struct namespace_filter filter = {
		.groups_only = true,
		.parent = rq->namespace->id,
		.search = request_query(rq, "search"),
	};

	if (api_check_is_group(rq, e) < 0)
		return -(int)e->code;
	return send_list(rq, &filter, true, e);
}

int api_group_list_projects(struct request *rq, struct err *e)
{
	struct project_filter filter = { 0 };

	if (api_check_is_group(rq, e) < 0 || api_project_filter(rq, &filter, e) < 0)
		return -(int)e->code;
	filter.namespace = rq->namespace->id;
	filter.with_subgroups = str_eq_c(request_query(rq, "include_subgroups"), "true");
	return api_send_projects(rq, &filter, e);
}

int api_group_get(struct request *rq, struct err *e)
{
	if (api_check_is_group(rq, e) < 0)
		return -(int)e->code;
	return send_group(rq, 200, rq->namespace, e);
}

int api_group_create(struct request *rq, struct err *e)
{
	struct group_new in = { .description = request_form(rq, "description") };
	struct namespace group;
	struct db *db = NULL;
	bool has_visibility;

	if (!str_is_empty(request_form(rq, "parent_id")) &&
	    !request_form_i64(rq, "parent_id", &in.parent.v))
		return err_set(e, ERR_INVALID, "parent_id is invalid");
	if (api_need(rq, "name", &in.name, e) < 0 || api_need(rq, "path", &in.segment, e) < 0 ||
	    api_visibility(rq, &in.visibility, &has_visibility, e) < 0 ||
	    request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (group_create(db, &rq->actor, &in, rq->arena, &group, e) < 0)
		return e->code == ERR_CONFLICT ? api_send_taken(rq, e) : -(int)e->code;
	return send_group(rq, 201, &group, e);
}

int api_group_update(struct request *rq, struct err *e)
{
	struct group_change in = {
		.name = request_form(rq, "name"),
		.description = request_form(rq, "description"),
		.segment = request_form(rq, "path"),
	};
	struct namespace group;
	struct db *db = NULL;

	if (api_check_is_group(rq, e) < 0 ||
	    api_visibility(rq, &in.visibility, &in.has_visibility, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    group_update(db, &rq->actor, rq->namespace->id, &in, rq->arena, &group, e) < 0)
		return -(int)e->code;
	return send_group(rq, 200, &group, e);
}

int api_group_remove(struct request *rq, struct err *e)
{
	struct db *db = NULL;

	if (api_check_is_group(rq, e) < 0 || request_db(rq, &db, e) < 0 ||
	    group_remove(db, &rq->actor, rq->namespace->id, e) < 0)
		return -(int)e->code;
	return api_send_message(rq, 202, STR("202 Accepted"), e);
}

int api_namespace_list(struct request *rq, struct err *e)
{
	struct namespace_filter filter = {
		.writable_only = true,
		.search = request_query(rq, "search"),
	};

	return send_list(rq, &filter, false, e);
}

int api_namespace_get(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	entity_namespace(w, rq, rq->namespace);
	return request_send_json(rq, 200, e);
}
