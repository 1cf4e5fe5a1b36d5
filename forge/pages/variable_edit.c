/* One variable with its value, unless it is hidden: shown to who may change it. */
#include "pages/variable.h"
#include "tmpl/variable_edit.h"

static int edit_page(struct request *rq, struct view_variable_edit *v, struct err *e)
{
	struct str list = variable_list_path(rq);
	struct str id = request_param(rq, "id");

	variable_frame(rq, &v->page);
	v->is_project = rq->project != NULL;
	v->is_group = !rq->project && rq->namespace;
	v->list = page_url(rq, list);
	v->action = page_url(rq, arena_fmt(rq->arena, "%.*s/%.*s", STR_FMT(list), STR_FMT(id)));
	v->action_remove =
		page_url(rq, arena_fmt(rq->arena, "%.*s/%.*s/remove", STR_FMT(list), STR_FMT(id)));
	rq->has_secret = true;
	tmpl_variable_edit(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

static int get(struct request *rq, struct variable *found, struct err *e)
{
	struct variable_owner owner = variable_owner_of(rq);
	struct variable_store store = { NULL, rq->app->secret };

	if (request_db(rq, &store.db, e) < 0)
		return -(int)e->code;
	if (variable_get_by_id(&store, &owner, (struct variable_id){ page_id(rq, "id") }, rq->arena,
			       found, e) == 0)
		return 0;
	return e->code == ERR_NOT_FOUND
		       ? err_set(e, ERR_NOT_FOUND, "This variable is gone: somebody removed it.")
		       : -(int)e->code;
}

int page_variable_edit(struct request *rq, struct err *e)
{
	struct view_variable_edit v = { 0 };
	struct variable variable;

	if (get(rq, &variable, e) < 0)
		return -(int)e->code;
	variable_show_form(&variable, &v.form);
	return edit_page(rq, &v, e);
}

int page_variable_change(struct request *rq, struct err *e)
{
	struct variable_owner owner = variable_owner_of(rq);
	struct variable_store store = { NULL, rq->app->secret };
	struct variable in = variable_of_form(rq);
	struct view_variable_edit v = { 0 };
	struct variable was, changed;
	struct err error = { 0 };

	if (get(rq, &was, e) < 0 || request_db(rq, &store.db, e) < 0)
		return -(int)e->code;
	in.id = was.id;
	in.key = was.key;
	if (was.is_hidden && str_is_empty(in.value))
		in.value = STR_NONE;
	if (variable_update(&store, &rq->actor, &owner, &in, rq->arena, &changed, &error) == 0) {
		page_notice(rq, I18N("Saved."));
		return request_redirect(rq, variable_list_path(rq), e);
	}
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	in.is_hidden = was.is_hidden;
	variable_show_form(&in, &v.form);
	return edit_page(rq, &v, e);
}

int page_variable_remove(struct request *rq, struct err *e)
{
	struct variable_owner owner = variable_owner_of(rq);
	struct variable_store store = { NULL, rq->app->secret };

	if (request_db(rq, &store.db, e) < 0 ||
	    variable_remove(&store, &rq->actor, &owner, (struct variable_id){ page_id(rq, "id") },
			    e) < 0)
		return -(int)e->code;
	page_notice(rq, I18N("The variable is removed. Jobs that run already keep it."));
	return request_redirect(rq, variable_list_path(rq), e);
}
