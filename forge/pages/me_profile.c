#include "domain/user.h"
#include "pages/me.h"
#include "tmpl/me_profile.h"

static int profile_page(struct request *rq, struct view_me_profile *v, struct err *e)
{
	page_frame(rq, &v->page, "me");
	v->page.section = "profile";
	v->username = rq->actor.username;
	tmpl_me_profile(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_me_profile(struct request *rq, struct err *e)
{
	struct view_me_profile v = { .name = rq->actor.name, .email = rq->actor.email };

	return profile_page(rq, &v, e);
}

int page_me_profile_update(struct request *rq, struct err *e)
{
	struct view_me_profile v = { .name = str_trim(request_form(rq, "name")),
				     .email = str_trim(request_form(rq, "email")) };
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (user_update_profile(db, &rq->actor, rq->actor.user, v.name, v.email, &error) == 0) {
		page_notice(rq, I18N("Saved."));
		return request_redirect(rq, url_of(rq->arena, ROUTE_me_profile), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return profile_page(rq, &v, e);
}
