#include "pages/group.h"
#include "tmpl/group_settings.h"

static int group_settings_page(struct request *rq, struct view_group_settings *v, struct err *e)
{
	page_frame(rq, &v->page, "settings");
	v->may_remove = request_may(rq, ACTION_GROUP_REMOVE);
	tmpl_group_settings(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

static struct view_group_settings settings_as_they_are(const struct request *rq)
{
	const struct namespace *group = rq->namespace;

	return (struct view_group_settings){
		.name = group->name,
		.segment = group->segment,
		.description = group->description,
		.visibility = { .name = str_c(visibility_name(group->visibility)) },
	};
}

int page_group_settings(struct request *rq, struct err *e)
{
	struct view_group_settings v = settings_as_they_are(rq);

	return group_settings_page(rq, &v, e);
}

int page_group_update(struct request *rq, struct err *e)
{
	struct view_group_settings v = {
		.name = str_trim(request_form(rq, "name")),
		.segment = str_trim(request_form(rq, "segment")),
		.description = str_trim(request_form(rq, "description")),
		.visibility = { .name = request_form(rq, "visibility") },
	};
	struct group_change in = { .name = v.name,
				   .segment = v.segment,
				   .description = v.description };
	struct namespace group;
	struct err error = { 0 };
	struct db *db;

	in.has_visibility = visibility_from_name(v.visibility.name, &in.visibility);
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (group_update(db, &rq->actor, rq->namespace->id, &in, rq->arena, &group, &error) == 0) {
		page_notice(rq, I18N("Saved."));
		return request_redirect(rq, url_for(rq->arena, ROUTE_group_settings, group.path),
					e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return group_settings_page(rq, &v, e);
}

int page_group_remove(struct request *rq, struct err *e)
{
	struct view_group_settings v = settings_as_they_are(rq);
	struct err error = { 0 };
	struct db *db;

	if (!str_eq_nocase(str_trim(request_form(rq, "confirm")), rq->namespace->path)) {
		v.problem = page_problem(rq, I18N("Nothing was deleted: what you typed is not the "
						  "group's address."));
		return group_settings_page(rq, &v, e);
	}
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (group_remove(db, &rq->actor, rq->namespace->id, &error) == 0) {
		page_notice(rq, I18N("The group is deleted."));
		return request_redirect(rq, url_of(rq->arena, ROUTE_explore_groups), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return group_settings_page(rq, &v, e);
}
