#include "domain/user.h"
#include "pages/admin.h"
#include "tmpl/admin_user.h"

int admin_user_page(struct request *rq, const struct user *user, struct str token,
		    const struct view_problem *problem, struct err *e)
{
	struct view_admin_user v = { .user = admin_person(rq, user) };

	if (problem)
		v.problem = *problem;
	if (!str_is_none(token)) {
		rq->has_secret = true;
		v.link = request_absolute(rq, url_for(rq->arena, ROUTE_password_link, token));
	}
	page_frame(rq, &v.page, "admin");
	v.page.section = "users";
	tmpl_admin_user(request_emit(rq), &v);
	return request_send_page(rq, page_problem_status(&v.problem), e);
}

static int user_of_path(struct request *rq, struct db **db, struct user *user, struct err *e)
{
	if (request_db(rq, db, e) < 0)
		return -(int)e->code;
	return user_get_by_name(*db, request_param(rq, "user"), rq->arena, user, e);
}

int page_admin_user(struct request *rq, struct err *e)
{
	struct user user;
	struct db *db;

	if (user_of_path(rq, &db, &user, e) < 0)
		return -(int)e->code;
	return admin_user_page(rq, &user, STR_NONE, NULL, e);
}

int page_admin_user_link(struct request *rq, struct err *e)
{
	struct user user;
	struct str token;
	struct db *db;

	if (user_of_path(rq, &db, &user, e) < 0 ||
	    user_link_create(db, &rq->actor, user.id, rq->arena, &token, e) < 0)
		return -(int)e->code;
	return admin_user_page(rq, &user, token, NULL, e);
}

static int user_changed(struct request *rq, const struct user *user, const struct err *error,
			struct err *e)
{
	struct view_problem problem = { 0 };

	if (error->code == ERR_NONE) {
		page_notice(rq, I18N("Saved."));
		return request_redirect(rq, url_for(rq->arena, ROUTE_admin_user, user->username),
					e);
	}
	if (!page_is_problem(rq, error, &problem, e))
		return -(int)e->code;
	return admin_user_page(rq, user, STR_NONE, &problem, e);
}

int page_admin_user_admin(struct request *rq, struct err *e)
{
	bool is_admin = request_form_bool(rq, "admin", false);
	struct err error = { 0 };
	struct user user;
	struct db *db;

	if (user_of_path(rq, &db, &user, e) < 0)
		return -(int)e->code;
	if (user_set_admin(db, &rq->actor, user.id, is_admin, &error) < 0 && error.code == ERR_NONE)
		return err_set(e, ERR_INTERNAL, "set administrator: no reason given");
	return user_changed(rq, &user, &error, e);
}

int page_admin_user_block(struct request *rq, struct err *e)
{
	bool block = request_form_bool(rq, "blocked", true);
	struct err error = { 0 };
	struct user user;
	struct db *db;
	int result;

	if (user_of_path(rq, &db, &user, e) < 0)
		return -(int)e->code;
	result = block ? user_block(db, &rq->actor, user.id, &error)
		       : user_unblock(db, &rq->actor, user.id, &error);
	if (result < 0 && error.code == ERR_NONE)
		return err_set(e, ERR_INTERNAL, "block user: no reason given");
	return user_changed(rq, &user, &error, e);
}
