#include "domain/key.h"
#include "pages/home.h"
#include "tmpl/home_show.h"
#include "tmpl/home_welcome.h"

#define HOME_PROJECTS 20
#define HOME_GROUPS 12
#define WELCOME_PROJECTS 10

static int welcome_page(struct request *rq, struct err *e)
{
	const struct project_filter filter = { .has_archived = true };
	struct view_welcome v = { .sign_in = { .return_to = STR("/") } };
	struct projects projects;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    project_list(db, &rq->actor, &filter, (struct listing){ 0, WELCOME_PROJECTS },
			 rq->arena, &projects, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "home");
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	tmpl_home_welcome(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

static int home_groups(struct request *rq, struct db *db, struct view_home *v, struct err *e)
{
	const struct namespace_filter filter = { .groups_only = true, .writable_only = true };
	struct namespaces groups;

	if (namespace_list(db, &rq->actor, &filter, (struct listing){ 0, HOME_GROUPS }, rq->arena,
			   &groups, e) < 0)
		return -(int)e->code;
	group_rows(rq, &groups, &v->groups, &v->groups_count);
	return 0;
}

int page_home(struct request *rq, struct err *e)
{
	struct view_home v = { .search = request_query(rq, "search") };
	const struct project_filter filter = { .member_only = true, .search = v.search };
	struct listing slice = page_listing(rq, HOME_PROJECTS);
	struct projects projects;
	struct keys keys;
	struct db *db;

	if (!actor_is_signed_in(&rq->actor))
		return welcome_page(rq, e);
	if (request_db(rq, &db, e) < 0 || home_groups(rq, db, &v, e) < 0 ||
	    project_list(db, &rq->actor, &filter, slice, rq->arena, &projects, e) < 0 ||
	    key_list(db, rq->actor.user, rq->arena, &keys, e) < 0 ||
	    home_waiting(rq, &v.waiting, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "home");
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	v.has_key = keys.count > 0;
	v.is_new =
		str_is_empty(v.search) && (projects.total == 0 || !v.has_key) && projects.total < 3;
	v.pager = page_pager(rq, slice, projects.total, false);
	tmpl_home_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
