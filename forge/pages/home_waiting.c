/* What waits for me: reviews, my merge requests, my tasks, failed pipelines. */
#include "domain/waiting.h"
#include "pages/home.h"

#define WAITING_ROWS 10

static int requests(struct request *rq, struct db *db, const struct merge_request_filter *filter,
		    struct view_merge_row **rows, size_t *count, struct err *e)
{
	struct merge_requests list;

	if (merge_request_list(db, &rq->actor, filter, (struct listing){ 0, WAITING_ROWS },
			       rq->arena, &list, e) < 0)
		return -(int)e->code;
	*rows = ARENA_ARRAY(rq->arena, struct view_merge_row, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		(*rows)[i] = merge_row_view(rq, &list.items[i]);
	*count = list.count;
	return 0;
}

static int tasks(struct request *rq, struct db *db, struct view_waiting *v, struct err *e)
{
	struct tasks list;

	if (task_list_waiting(db, &rq->actor, (struct listing){ 0, WAITING_ROWS }, rq->arena, &list,
			      e) < 0)
		return -(int)e->code;
	v->tasks = ARENA_ARRAY(rq->arena, struct view_waiting_thing, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		v->tasks[i] = (struct view_waiting_thing){ .project = list.items[i].project_path,
							   .id = list.items[i].iid,
							   .title = list.items[i].title,
							   .when = list.items[i].updated_at };
	v->tasks_count = list.count;
	return 0;
}

static int pipelines(struct request *rq, struct db *db, struct view_waiting *v, struct err *e)
{
	struct waiting_pipelines list;

	if (waiting_pipelines(db, &rq->actor, WAITING_ROWS, rq->arena, &list, e) < 0)
		return -(int)e->code;
	v->pipelines = ARENA_ARRAY(rq->arena, struct view_waiting_thing, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		v->pipelines[i] =
			(struct view_waiting_thing){ .project = list.items[i].project_path,
						     .id = list.items[i].id.v,
						     .title = list.items[i].ref_name,
						     .when = list.items[i].created_at };
	v->pipelines_count = list.count;
	return 0;
}

int home_waiting(struct request *rq, struct view_waiting *v, struct err *e)
{
	const struct merge_request_filter reviews = { .waits_for_me = true };
	const struct merge_request_filter mine = { .has_state = true,
						   .state = MERGE_REQUEST_OPENED,
						   .author = rq->actor.user,
						   .order = MERGE_REQUEST_BY_UPDATED };
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    requests(rq, db, &reviews, &v->reviews, &v->reviews_count, e) < 0 ||
	    requests(rq, db, &mine, &v->mine, &v->mine_count, e) < 0 || tasks(rq, db, v, e) < 0)
		return -(int)e->code;
	if (pipelines(rq, db, v, e) < 0)
		return -(int)e->code;
	v->is_empty = v->reviews_count + v->mine_count + v->tasks_count + v->pipelines_count == 0;
	return 0;
}
