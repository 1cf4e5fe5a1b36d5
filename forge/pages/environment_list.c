#include "domain/promotion.h"
#include "pages/environment.h"
#include "tmpl/environment_list.h"

#define ENVIRONMENT_ROWS 20

/* The path stands above; here are the free ones. */
static void add_others(struct request *rq, const struct environments *list,
		       const struct deployments *board, struct view_environments *v)
{
	v->others.items = ARENA_ARRAY(rq->arena, struct view_contour, list->count + 1);
	for (size_t i = 0; i < list->count; i++)
		if (promotion_index(list->items[i].name) == PROMOTION_STEPS)
			environment_contour(rq, &list->items[i], board,
					    &v->others.items[v->others.count++]);
}

static struct i64_list ids_of(struct request *rq, const struct environments *list)
{
	struct i64_list ids = { ARENA_ARRAY(rq->arena, int64_t, list->count + 1), list->count };

	for (size_t i = 0; i < list->count; i++)
		ids.items[i] = list->items[i].id.v;
	return ids;
}

int page_environments(struct request *rq, struct err *e)
{
	struct listing slice = page_listing(rq, ENVIRONMENT_ROWS);
	struct environment_filter filter = { .state = request_query(rq, "scope"),
					     .search = str_trim(request_query(rq, "search")) };
	struct view_environments v = { .search = filter.search };
	enum environment_state state;
	struct environments list;
	struct deployments board;
	struct i64_list ids;
	struct db *db;

	if (!environment_state_parse(filter.state, &state))
		filter.state = STR("available");
	v.state = filter.state;
	if (request_db(rq, &db, e) < 0 ||
	    environment_list(db, rq->project->id, &filter, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	ids = ids_of(rq, &list);
	if (deployment_board(db, rq->project->id, &ids, false, rq->arena, &board, e) < 0 ||
	    environment_contours(rq, &v.path, e) < 0)
		return -(int)e->code;
	add_others(rq, &list, &board, &v);
	v.pager = page_pager(rq, slice, list.total, false);
	page_frame(rq, &v.page, "environments");
	tmpl_environment_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
