#include "pages/explore.h"
#include "tmpl/explore_groups.h"

#define EXPLORE_ROWS 50

int page_explore_groups(struct request *rq, struct err *e)
{
	struct view_explore_groups v = { .search = str_trim(request_query(rq, "search")) };
	const struct namespace_filter filter = { .groups_only = true, .search = v.search };
	struct listing slice = page_listing(rq, EXPLORE_ROWS);
	struct namespaces groups;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    namespace_list(db, &rq->actor, &filter, slice, rq->arena, &groups, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "groups");
	group_rows(rq, &groups, &v.groups, &v.groups_count);
	v.pager = page_pager(rq, slice, groups.total, false);
	tmpl_explore_groups(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
