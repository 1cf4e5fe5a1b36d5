/* What owns a name at the top of an address: a group, or a person. */
#include "pages/group.h"
#include "pages/user.h"
#include "tmpl/group_show.h"

#define GROUP_ROWS 30

int page_namespace_show(struct request *rq, struct err *e)
{
	struct view_group_show v = { .search = str_trim(request_query(rq, "search")) };
	const struct namespace_filter below = { .parent = rq->namespace->id,
						.groups_only = true,
						.search = v.search };
	const struct project_filter filter = { .namespace = rq->namespace->id, .search = v.search };
	struct listing slice = page_listing(rq, GROUP_ROWS);
	struct namespaces groups;
	struct projects projects;
	struct db *db;

	if (rq->namespace->kind == NAMESPACE_USER)
		return user_page(rq, e);
	if (request_db(rq, &db, e) < 0 ||
	    namespace_list(db, &rq->actor, &below, LISTING_FIRST, rq->arena, &groups, e) < 0 ||
	    project_list(db, &rq->actor, &filter, slice, rq->arena, &projects, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "overview");
	group_rows(rq, &groups, &v.groups, &v.groups_count);
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	v.may_create_project = request_may(rq, ACTION_PROJECT_CREATE);
	v.may_create_subgroup = request_may(rq, ACTION_SUBGROUP_CREATE);
	v.pager = page_pager(rq, slice, projects.total, false);
	tmpl_group_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
