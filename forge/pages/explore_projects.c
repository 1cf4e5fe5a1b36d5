#include "pages/explore.h"
#include "tmpl/explore_projects.h"

#define EXPLORE_ROWS 30

int page_explore(struct request *rq, struct err *e)
{
	struct view_explore v = {
		.search = str_trim(request_query(rq, "search")),
		.mine = !str_is_empty(request_query(rq, "mine")),
		.archived = !str_is_empty(request_query(rq, "archived")),
	};
	const struct project_filter filter = {
		.search = v.search,
		.member_only = v.mine && actor_is_signed_in(&rq->actor),
		.has_archived = !v.archived,
	};
	struct listing slice = page_listing(rq, EXPLORE_ROWS);
	struct projects projects;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    project_list(db, &rq->actor, &filter, slice, rq->arena, &projects, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "explore");
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	v.pager = page_pager(rq, slice, projects.total, false);
	tmpl_explore_projects(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
