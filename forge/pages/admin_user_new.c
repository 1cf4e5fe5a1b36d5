#include "domain/user.h"
#include "pages/admin.h"
#include "tmpl/admin_user_new.h"

static int user_new_page(struct request *rq, struct view_admin_user_new *v, struct err *e)
{
	page_frame(rq, &v->page, "admin");
	v->page.section = "users";
	tmpl_admin_user_new(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_admin_user_new(struct request *rq, struct err *e)
{
	struct view_admin_user_new v = { 0 };

	return user_new_page(rq, &v, e);
}

/* The link is on the answer to the form: it is shown once. */
int page_admin_user_create(struct request *rq, struct err *e)
{
	struct view_admin_user_new v = {
		.username = str_trim(request_form(rq, "username")),
		.name = str_trim(request_form(rq, "name")),
		.email = str_trim(request_form(rq, "email")),
		.is_admin = request_form_bool(rq, "admin", false),
	};
	struct user_new in = { .username = v.username, .email = v.email, .is_admin = v.is_admin };
	struct user_door door;
	struct user user;
	struct str token;
	struct err error = { 0 };

	if (!str_is_empty(v.name))
		in.name = v.name;
	if (page_user_door(rq, &door, e) < 0)
		return -(int)e->code;
	if (user_create(&door, &rq->actor, &in, rq->arena, &user, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return user_new_page(rq, &v, e);
	}
	if (user_link_create(door.db, &rq->actor, user.id, rq->arena, &token, e) < 0)
		return -(int)e->code;
	return admin_user_page(rq, &user, token, NULL, e);
}
