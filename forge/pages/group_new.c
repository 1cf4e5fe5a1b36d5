#include "pages/group.h"
#include "tmpl/group_new.h"

static int group_new_page(struct request *rq, struct view_group_new *v, int64_t parent,
			  struct err *e)
{
	if (page_writable_namespaces(rq, true, parent, &v->parents, &v->parents_count, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "groups");
	tmpl_group_new(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_group_new(struct request *rq, struct err *e)
{
	struct view_group_new v = { .visibility = { .name = STR("private") } };
	int64_t parent = 0;

	if (!str_to_i64(request_query(rq, "parent"), &parent))
		parent = 0;
	return group_new_page(rq, &v, parent, e);
}

int page_group_create(struct request *rq, struct err *e)
{
	struct view_group_new v = {
		.segment = str_trim(request_form(rq, "segment")),
		.name = str_trim(request_form(rq, "name")),
		.description = str_trim(request_form(rq, "description")),
		.visibility = { .name = request_form(rq, "visibility") },
	};
	struct group_new in = { .segment = v.segment, .description = v.description };
	struct namespace group;
	struct err error = { 0 };
	struct db *db;

	if (!request_form_i64(rq, "parent", &in.parent.v))
		in.parent.v = 0;
	if (!str_is_empty(v.name))
		in.name = v.name;
	if (!visibility_from_name(v.visibility.name, &in.visibility))
		in.visibility = VISIBILITY_PRIVATE;
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (group_create(db, &rq->actor, &in, rq->arena, &group, &error) == 0) {
		page_notice(rq, I18N("The group is made."));
		return request_redirect(rq, url_for(rq->arena, ROUTE_namespace_show, group.path),
					e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return group_new_page(rq, &v, in.parent.v, e);
}
