#include "domain/user.h"
#include "pages/user.h"
#include "tmpl/user_show.h"

#define USER_ROWS 30

int user_page(struct request *rq, struct err *e)
{
	const struct project_filter filter = { .namespace = rq->namespace->id };
	struct listing slice = page_listing(rq, USER_ROWS);
	struct view_user v = { 0 };
	struct projects projects;
	struct user user;
	bool found = false;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    user_find(db, rq->namespace->user, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no such person.");
	if (project_list(db, &rq->actor, &filter, slice, rq->arena, &projects, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, NULL);
	v.username = user.username;
	v.name = user.name;
	v.initials = page_initials(rq, user.name);
	v.tile = page_tile(user.username);
	v.since = user.created_at;
	v.is_admin = user.is_admin;
	v.is_blocked = user.is_blocked;
	v.is_self = user.id.v == rq->actor.user.v;
	v.may_administer = rq->actor.is_admin;
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	v.pager = page_pager(rq, slice, projects.total, false);
	tmpl_user_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
