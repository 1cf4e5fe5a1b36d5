#include "domain/user.h"
#include "pages/session.h"
#include "tmpl/session_password_link.h"

bool session_passwords_agree(const struct request *rq, struct view_problem *problem)
{
	if (str_eq(request_form(rq, "password"), request_form(rq, "again")))
		return true;
	*problem = page_problem(rq, I18N("The two passwords differ; type the same one twice."));
	return false;
}

static int password_link_page(struct request *rq, struct view_password_link *v, struct err *e)
{
	struct db *db;
	struct user user;

	if (request_db(rq, &db, e) < 0 ||
	    user_link_get(db, request_param(rq, "secret"), rq->arena, &user, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, NULL);
	v->name = user.name;
	v->username = user.username;
	v->minimum = PASSWORD_MIN;
	v->action = page_url(
		rq, url_for(rq->arena, ROUTE_password_link_post, request_param(rq, "secret")));
	rq->has_secret = true;
	tmpl_session_password_link(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_password_link(struct request *rq, struct err *e)
{
	struct view_password_link v = { 0 };

	return password_link_page(rq, &v, e);
}

int page_password_link_post(struct request *rq, struct err *e)
{
	struct view_password_link v = { 0 };
	struct user_door door;
	struct user user;
	struct err error = { 0 };

	if (!session_passwords_agree(rq, &v.problem))
		return password_link_page(rq, &v, e);
	if (page_user_door(rq, &door, e) < 0)
		return -(int)e->code;
	if (user_link_use(&door, request_param(rq, "secret"), request_form(rq, "password"),
			  rq->arena, &user, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return password_link_page(rq, &v, e);
	}
	if (request_sign_in(rq, user.id, e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("Your password is set. Welcome!"));
	return request_redirect(rq, STR("/"), e);
}
