/* /merge_requests: lists, one, create, change. */
#include "api/merge_request.h"

#include "api/project.h"
#include "domain/merge.h"
#include "domain/merge_request_fork.h"
#include "domain/merge_request_list.h"
#include "domain/user.h"

static int missing(struct err *e)
{
	return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Merge Request Not Found")
					: -(int)e->code;
}

int api_merge_request_iid(const struct request *rq, int64_t *iid, struct err *e)
{
	return api_path_id(rq, "merge", "404 Merge Request Not Found", iid, e);
}

int api_merge_request_find(struct request *rq, struct merge_request *mr, struct err *e)
{
	struct db *db = NULL;
	int64_t iid;

	if (api_merge_request_iid(rq, &iid, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (merge_request_get(db, rq->project->id, iid, rq->arena, mr, e) < 0)
		return missing(e);
	return 0;
}

int api_merge_request_check(struct request *rq, struct merge_request *mr, struct err *e)
{
	struct landing_request landing = api_landing(rq);
	int64_t iid;

	if (api_merge_request_iid(rq, &iid, e) < 0)
		return -(int)e->code;
	if (merge_request_refresh(&landing, iid, rq->arena, mr, e) < 0)
		return missing(e);
	return 0;
}

int api_merge_request_enter_pipelines(struct request *rq, const struct merge_request *mr, bool *may,
				      struct err *e)
{
	const struct project_id there = merge_request_pipeline_project(mr);
	struct project_access *access;
	struct db *db = NULL;

	*may = request_may(rq, ACTION_PIPELINE_READ);
	if (there.v == rq->project->id.v)
		return 0;
	access = ARENA_NEW(rq->arena, struct project_access);
	if (request_db(rq, &db, e) < 0 ||
	    access_find_project_by_id(db, &rq->actor, there, rq->arena, access, e) < 0)
		return -(int)e->code;
	*may = access_allows(&rq->actor, ACTION_PIPELINE_READ, &access->target);
	if (*may)
		rq->project = &access->project;
	return 0;
}

static int find_pipeline(struct request *rq, struct db *db, const struct merge_facts *facts,
			 struct pipeline *pipeline, bool *found, struct err *e)
{
	bool may = false;

	*found = false;
	if (facts->has_pipeline && api_merge_request_enter_pipelines(rq, facts->mr, &may, e) < 0)
		return -(int)e->code;
	if (!may)
		return 0;
	return pipeline_find(db, rq->project->id, facts->pipeline, rq->arena, pipeline, found, e);
}

int api_send_merge_request(struct request *rq, int status, int64_t iid, struct err *e)
{
	struct landing_request landing = api_landing(rq);
	struct merge_blockers blockers;
	struct merge_request mr;
	struct merge_facts facts;
	struct pipeline pipeline;
	struct err why = { 0 };
	struct db *db = NULL;
	bool found;
	bool can_merge;

	if (merge_request_refresh(&landing, iid, rq->arena, &mr, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    merge_gate_load(db, &mr, false, rq->arena, &facts, e) < 0 ||
	    find_pipeline(rq, db, &facts, &pipeline, &found, e) < 0)
		return missing(e);
	merge_gate_judge(&facts, rq->arena, &blockers);
	can_merge = merge_request_check_merger(db, &rq->actor, &mr, rq->arena, &why) == 0;
	entity_merge_request_full(request_jsonw(rq), rq,
				  &(struct entity_merge_request_full){
					  &mr, &blockers, found ? &pipeline : NULL, can_merge });
	return request_send_json(rq, status, e);
}

/* ---- lists ---- */

static struct str query_or_none(const struct request *rq, const char *name)
{
	const struct str value = request_query(rq, name);

	return str_is_empty(value) ? STR_NONE : value;
}

/* ?iids[]=1&iids[]=2 */
static struct i64_list query_iids(const struct request *rq)
{
	struct i64_list iids = { ARENA_ARRAY(rq->arena, int64_t, rq->query.count + 1), 0 };

	for (size_t i = 0; i < rq->query.count; i++)
		if (str_eq_c(rq->query.items[i].name, "iids[]") &&
		    str_to_i64(rq->query.items[i].value, &iids.items[iids.count]))
			iids.count++;
	return iids;
}

/* ?author_id=7 or ?author_username=ann; nobody of that name is nobody's list. */
static int query_user(struct request *rq, struct db *db, const char *what, struct user_id *id,
		      struct err *e)
{
	struct str number = query_or_none(rq, arena_strf(rq->arena, "%s_id", what));
	struct str name = query_or_none(rq, arena_strf(rq->arena, "%s_username", what));
	struct user user;
	bool found;

	if (!str_is_none(number) && str_to_i64(number, &id->v))
		return 0;
	if (str_is_none(name))
		return 0;
	if (user_find_by_name(db, name, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	id->v = found ? user.id.v : -1;
	return 0;
}

static void query_scope(const struct request *rq, struct str scope,
			struct merge_request_filter *filter)
{
	if (str_eq_c(scope, "created_by_me") || str_eq_c(scope, "created-by-me"))
		filter->author = rq->actor.user;
	if (str_eq_c(scope, "assigned_to_me") || str_eq_c(scope, "assigned-to-me"))
		filter->assignee = rq->actor.user;
	if (str_eq_c(scope, "reviews_for_me"))
		filter->reviewer = rq->actor.user;
}

static int query_filter(struct request *rq, struct db *db, const char *scope,
			struct merge_request_filter *filter, struct err *e)
{
	struct str wip = query_or_none(rq, "wip");
	struct str draft = query_or_none(rq, "draft");
	struct str state = query_or_none(rq, "state");

	*filter = (struct merge_request_filter){
		.source_branch = query_or_none(rq, "source_branch"),
		.target_branch = query_or_none(rq, "target_branch"),
		.labels = api_query_labels(rq),
		.search = query_or_none(rq, "search"),
		.iids = query_iids(rq),
		.has_draft = !str_is_none(wip) || !str_is_none(draft),
		.is_draft = str_eq_c(wip, "yes") || str_eq_c(draft, "true"),
		.order = str_eq_c(request_query(rq, "order_by"), "updated_at")
				 ? MERGE_REQUEST_BY_UPDATED
				 : MERGE_REQUEST_BY_CREATED,
		.is_ascending = str_eq_c(request_query(rq, "sort"), "asc"),
	};
	filter->has_state = merge_request_state_from_word(state, &filter->state);
	query_scope(rq,
		    str_is_empty(request_query(rq, "scope")) ? str_c(scope)
							     : request_query(rq, "scope"),
		    filter);
	if (query_user(rq, db, "author", &filter->author, e) < 0 ||
	    query_user(rq, db, "assignee", &filter->assignee, e) < 0)
		return -(int)e->code;
	return query_user(rq, db, "reviewer", &filter->reviewer, e);
}

static int send_list(struct request *rq, struct db *db, const struct merge_request_filter *filter,
		     struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct merge_requests list;

	if (merge_request_list(db, &rq->actor, filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_merge_request(w, rq, &list.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_merge_request_list(struct request *rq, struct err *e)
{
	struct merge_request_filter filter;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || query_filter(rq, db, "all", &filter, e) < 0)
		return -(int)e->code;
	filter.project = rq->project->id;
	return send_list(rq, db, &filter, e);
}

int api_merge_request_list_all(struct request *rq, struct err *e)
{
	struct merge_request_filter filter;
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 || query_filter(rq, db, "created_by_me", &filter, e) < 0)
		return -(int)e->code;
	return send_list(rq, db, &filter, e);
}

int api_merge_request_list_group(struct request *rq, struct err *e)
{
	struct merge_request_filter filter;
	struct db *db = NULL;

	if (api_check_is_group(rq, e) < 0 || request_db(rq, &db, e) < 0 ||
	    query_filter(rq, db, "all", &filter, e) < 0)
		return -(int)e->code;
	filter.namespace = rq->namespace->id;
	return send_list(rq, db, &filter, e);
}

int api_merge_request_get(struct request *rq, struct err *e)
{
	int64_t iid;

	if (api_merge_request_iid(rq, &iid, e) < 0)
		return -(int)e->code;
	return api_send_merge_request(rq, 200, iid, e);
}

/* ---- create and change ---- */

/* assignee_ids[] or assignee_id; 0 and "" mean nobody. */
static int read_people(const struct request *rq, const char *what, bool *has, struct i64_list *ids,
		       struct err *e)
{
	const char *many = arena_strf(rq->arena, "%s_ids", what);
	const struct str_list list = request_form_list(rq, many);
	const struct str one = request_form(rq, arena_strf(rq->arena, "%s_id", what));

	*has = list.count > 0 || !str_is_none(one) || jsonr_is_array(jsonr_get(rq->json, many));
	*ids = (struct i64_list){ ARENA_ARRAY(rq->arena, int64_t, list.count + 2), 0 };
	for (size_t i = 0; i <= list.count; i++) {
		struct str text = i < list.count ? list.items[i] : one;
		int64_t id;

		if (str_is_empty(text))
			continue;
		if (!str_to_i64(text, &id) || id < 0)
			return err_set(e, ERR_INVALID, "%s does not have a valid value", many);
		if (id > 0)
			ids->items[ids->count++] = id;
	}
	return 0;
}

static bool has_form(const struct request *rq, const char *name)
{
	return !str_is_none(request_form(rq, name));
}

/* GitLab's 409: a list of one sentence. */
static int send_conflict(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_object(w);
	jsonw_field_array(w, "message");
	jsonw_str(w, arena_str(rq->arena, str_c(err_sentence(e))));
	jsonw_end(w);
	jsonw_end(w);
	err_clear(e);
	return request_send_json(rq, 409, e);
}

static int read_new(const struct request *rq, struct merge_request_new *in, struct err *e)
{
	bool has;

	*in = (struct merge_request_new){
		.source_project = rq->project->id,
		.description = request_form(rq, "description"),
		.has_squash = has_form(rq, "squash"),
		.squash = request_form_bool(rq, "squash", false),
		.has_remove_source = has_form(rq, "remove_source_branch"),
		.remove_source = request_form_bool(rq, "remove_source_branch", false),
	};
	in->labels = api_labels(rq, "labels", &has);
	if (api_need(rq, "source_branch", &in->source_branch, e) < 0 ||
	    api_need(rq, "target_branch", &in->target_branch, e) < 0 ||
	    api_need(rq, "title", &in->title, e) < 0 ||
	    read_people(rq, "assignee", &has, &in->assignees, e) < 0 ||
	    read_people(rq, "reviewer", &has, &in->reviewers, e) < 0)
		return -(int)e->code;
	return 0;
}

/* The project of the request is from here on the one that it goes to. */
static int enter_target(struct request *rq, struct err *e)
{
	struct project_access *access;
	struct project_id id = rq->project->id;
	struct db *db = NULL;

	if (!has_form(rq, "target_project_id"))
		return 0;
	if (!request_form_i64(rq, "target_project_id", &id.v))
		return err_set(e, ERR_INVALID, "target_project_id does not have a valid value");
	if (id.v == rq->project->id.v)
		return 0;
	access = ARENA_NEW(rq->arena, struct project_access);
	if (request_db(rq, &db, e) < 0 ||
	    access_find_project_by_id(db, &rq->actor, id, rq->arena, access, e) < 0)
		return -(int)e->code;
	if (!access_sees(&rq->actor, &access->target))
		return err_set(e, ERR_NOT_FOUND, "404 Project Not Found");
	request_repo_forget(rq);
	rq->project = &access->project;
	rq->target = access->target;
	return 0;
}

int api_merge_request_create(struct request *rq, struct err *e)
{
	struct merge_request_new in;
	struct landing_request landing;
	int64_t iid;

	if (read_new(rq, &in, e) < 0 || enter_target(rq, e) < 0)
		return -(int)e->code;
	landing = api_landing(rq);
	if (merge_request_open(&landing, &in, rq->arena, &iid, e) < 0)
		return e->code == ERR_CONFLICT ? send_conflict(rq, e) : -(int)e->code;
	return api_send_merge_request(rq, 201, iid, e);
}

static int read_act(const struct request *rq, enum merge_request_act *act, struct err *e)
{
	struct str event = request_form(rq, "state_event");

	*act = MERGE_REQUEST_KEEP;
	if (str_is_empty(event))
		return 0;
	if (str_eq_c(event, "close"))
		*act = MERGE_REQUEST_CLOSE;
	else if (str_eq_c(event, "reopen"))
		*act = MERGE_REQUEST_REOPEN;
	else
		return err_set(e, ERR_INVALID, "state_event does not have a valid value");
	return 0;
}

int api_merge_request_update(struct request *rq, struct err *e)
{
	struct merge_request_change in = {
		.title = request_form(rq, "title"),
		.description = request_form(rq, "description"),
		.target_branch = request_form(rq, "target_branch"),
		.has_draft = has_form(rq, "draft"),
		.is_draft = request_form_bool(rq, "draft", false),
		.has_squash = has_form(rq, "squash"),
		.squash = request_form_bool(rq, "squash", false),
		.has_remove_source = has_form(rq, "remove_source_branch"),
		.remove_source = request_form_bool(rq, "remove_source_branch", false),
	};
	struct merge_request mr;
	struct db *db = NULL;
	bool has;

	in.labels = api_labels(rq, "labels", &in.has_labels);
	in.add_labels = api_labels(rq, "add_labels", &has);
	in.remove_labels = api_labels(rq, "remove_labels", &has);
	if (read_people(rq, "assignee", &in.has_assignees, &in.assignees, e) < 0 ||
	    read_people(rq, "reviewer", &in.has_reviewers, &in.reviewers, e) < 0 ||
	    read_act(rq, &in.act, e) < 0 || api_merge_request_find(rq, &mr, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    merge_request_update(db, &rq->actor, rq->project->id, mr.iid, &in, e) < 0)
		return -(int)e->code;
	return api_send_merge_request(rq, 200, mr.iid, e);
}
