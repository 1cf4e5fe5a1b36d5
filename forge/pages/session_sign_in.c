#include "domain/user.h"
#include "pages/session.h"
#include "tmpl/session_sign_in.h"

static int sign_in_page(struct request *rq, struct view_sign_in *v, struct err *e)
{
	page_frame(rq, &v->page, "sign_in");
	tmpl_session_sign_in(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_sign_in(struct request *rq, struct err *e)
{
	struct view_sign_in v = { .return_to = request_query(rq, "return_to") };

	if (actor_is_signed_in(&rq->actor))
		return request_redirect(rq, request_safe_return(rq, v.return_to), e);
	return sign_in_page(rq, &v, e);
}

int page_sign_in_post(struct request *rq, struct err *e)
{
	struct view_sign_in v = { .login = str_trim(request_form(rq, "login")),
				  .return_to = request_form(rq, "return_to") };
	const struct user_credentials credentials = { v.login, request_form(rq, "password"),
						      rq->ip };
	struct user_door door;
	struct user user;
	struct err error = { 0 };

	if (page_user_door(rq, &door, e) < 0)
		return -(int)e->code;
	if (user_sign_in(&door, &credentials, rq->arena, &user, &error) == 0) {
		if (request_sign_in(rq, user.id, e) < 0)
			return -(int)e->code;
		return request_redirect(rq, request_safe_return(rq, v.return_to), e);
	}
	if (error.code == ERR_UNAUTHENTICATED)
		v.problem.text = page_sentence(rq, str_c(err_sentence(&error)));
	else if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return sign_in_page(rq, &v, e);
}

int page_sign_out(struct request *rq, struct err *e)
{
	if (request_sign_out(rq, e) < 0)
		return -(int)e->code;
	return request_redirect(rq, STR("/"), e);
}
