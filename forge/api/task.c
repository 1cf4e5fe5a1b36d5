/* Tasks; GitLab calls them issues. */
#include "api/api.h"
#include "api/entity_review.h"

static int find(struct request *rq, struct db **db, struct task *task, struct err *e)
{
	int64_t iid;

	if (api_path_id(rq, "iid", "404 Issue Not Found", &iid, e) < 0 || request_db(rq, db, e) < 0)
		return -(int)e->code;
	if (task_get(*db, rq->project->id, iid, rq->arena, task, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Issue Not Found")
						: -(int)e->code;
	return 0;
}

static int send_task(struct request *rq, int status, const struct task *task, struct err *e)
{
	entity_task(request_jsonw(rq), rq, task);
	return request_send_json(rq, status, e);
}

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

/* scope: the one that is meant where none is asked for. */
static struct task_filter filter_of(const struct request *rq, const char *scope)
{
	const struct str asked = request_query(rq, "scope");
	const struct str wanted = str_is_empty(asked) ? str_c(scope) : asked;
	const struct str state = request_query(rq, "state");
	const struct str assignee = query_or_none(rq, "assignee_username");
	struct task_filter filter = {
		.has_closed = str_eq_c(state, "opened") || str_eq_c(state, "closed"),
		.is_closed = str_eq_c(state, "closed"),
		.author = query_or_none(rq, "author_username"),
		.assignee = assignee,
		.is_unassigned = str_eq_nocase(request_query(rq, "assignee_id"), STR("none")),
		.labels = api_query_labels(rq),
		.search = query_or_none(rq, "search"),
		.iids = query_iids(rq),
		.is_oldest_first = str_eq_c(request_query(rq, "sort"), "asc"),
	};

	if (str_eq_c(wanted, "assigned_to_me"))
		filter.assignee = rq->actor.username;
	if (str_eq_c(wanted, "created_by_me"))
		filter.author = rq->actor.username;
	return filter;
}

static int send_list(struct request *rq, const struct api_page *page, const struct tasks *tasks,
		     struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_array(w);
	for (size_t i = 0; i < tasks->count; i++)
		entity_task(w, rq, &tasks->items[i]);
	jsonw_end(w);
	api_page_headers(rq, page, tasks->total);
	return request_send_json(rq, 200, e);
}

int api_task_list(struct request *rq, struct err *e)
{
	const struct task_filter filter = filter_of(rq, "all");
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct tasks tasks;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_list(db, rq->project->id, &filter, slice, rq->arena, &tasks, e) < 0)
		return -(int)e->code;
	return send_list(rq, &page, &tasks, e);
}

static int send_visible(struct request *rq, const struct task_filter *filter, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct tasks tasks;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_list_visible(db, &rq->actor, filter, slice, rq->arena, &tasks, e) < 0)
		return -(int)e->code;
	return send_list(rq, &page, &tasks, e);
}

int api_task_list_all(struct request *rq, struct err *e)
{
	const struct task_filter filter = filter_of(rq, "created_by_me");

	return send_visible(rq, &filter, e);
}

int api_task_list_group(struct request *rq, struct err *e)
{
	struct task_filter filter = filter_of(rq, "all");

	if (api_check_is_group(rq, e) < 0)
		return -(int)e->code;
	filter.namespace = rq->namespace->id;
	return send_visible(rq, &filter, e);
}

int api_task_get(struct request *rq, struct err *e)
{
	struct task task;
	struct db *db;

	if (find(rq, &db, &task, e) < 0)
		return -(int)e->code;
	return send_task(rq, 200, &task, e);
}

/* assignee_ids[] (the first of them; 0 or none: nobody) or assignee_id. */
static int read_assignee(const struct request *rq, bool *has, struct user_id *assignee,
			 struct err *e)
{
	const struct str_list ids = request_form_list(rq, "assignee_ids");
	const struct str one = request_form(rq, "assignee_id");
	const struct str first = ids.count > 0 ? ids.items[0] : one;

	*has = ids.count > 0 || !str_is_none(one) ||
	       jsonr_is_array(jsonr_get(rq->json, "assignee_ids"));
	assignee->v = 0;
	if (ids.count > 1)
		return err_set(e, ERR_INVALID,
			       "assignee_ids has more than one id; a task has one assignee here");
	if (!str_is_empty(first) && !str_to_i64(first, &assignee->v))
		return err_set(e, ERR_INVALID, "assignee_ids does not have a valid value");
	return 0;
}

int api_task_create(struct request *rq, struct err *e)
{
	struct task_new in = { .description = request_form(rq, "description") };
	struct task task;
	struct db *db;
	bool has;

	if (api_need(rq, "title", &in.title, e) < 0 || read_assignee(rq, &has, &in.assignee, e) < 0)
		return -(int)e->code;
	in.labels = api_labels(rq, "labels", &has);
	if (request_db(rq, &db, e) < 0 ||
	    task_create(db, &rq->actor, rq->project->id, &in, rq->arena, &task, e) < 0)
		return -(int)e->code;
	return send_task(rq, 201, &task, e);
}

static int read_state(const struct request *rq, struct task_change *in, struct err *e)
{
	const struct str event = request_form(rq, "state_event");

	if (str_is_empty(event))
		return 0;
	if (!str_eq_c(event, "close") && !str_eq_c(event, "reopen"))
		return err_set(e, ERR_INVALID, "state_event does not have a valid value");
	in->has_closed = true;
	in->is_closed = str_eq_c(event, "close");
	return 0;
}

int api_task_update(struct request *rq, struct err *e)
{
	struct task_change in = { .title = request_form(rq, "title"),
				  .description = request_form(rq, "description") };
	struct task task;
	struct db *db;
	bool has;

	in.labels = api_labels(rq, "labels", &in.has_labels);
	in.add_labels = api_labels(rq, "add_labels", &has);
	in.remove_labels = api_labels(rq, "remove_labels", &has);
	if (read_assignee(rq, &in.has_assignee, &in.assignee, e) < 0 ||
	    read_state(rq, &in, e) < 0 || find(rq, &db, &task, e) < 0 ||
	    task_update(db, &rq->actor, rq->project->id, task.iid, &in, rq->arena, &task, e) < 0)
		return -(int)e->code;
	return send_task(rq, 200, &task, e);
}
