#include "domain/user.h"
#include "pages/me.h"
#include "pages/session.h"
#include "tmpl/me_password.h"

static int password_page(struct request *rq, struct view_me_password *v, struct err *e)
{
	page_frame(rq, &v->page, "me");
	v->page.section = "password";
	v->minimum = PASSWORD_MIN;
	tmpl_me_password(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_me_password(struct request *rq, struct err *e)
{
	struct view_me_password v = { 0 };

	return password_page(rq, &v, e);
}

int page_me_password_change(struct request *rq, struct err *e)
{
	struct view_me_password v = { 0 };
	struct user_door door;
	struct err error = { 0 };

	if (!session_passwords_agree(rq, &v.problem))
		return password_page(rq, &v, e);
	if (page_user_door(rq, &door, e) < 0)
		return -(int)e->code;
	if (user_change_password(&door, &rq->actor, request_form(rq, "old"),
				 request_form(rq, "password"), &error) == 0) {
		page_notice(rq, I18N("Your password is changed; your other sessions are over."));
		return request_redirect(rq, url_of(rq->arena, ROUTE_me_password), e);
	}
	if (error.code == ERR_UNAUTHENTICATED)
		v.problem.text = page_sentence(rq, str_c(err_sentence(&error)));
	else if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return password_page(rq, &v, e);
}
