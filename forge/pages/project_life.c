/* The forms that change who sees a project, where it is, and whether it is. */
#include "pages/project.h"

static int life_done(struct request *rq, int result, const struct err *error, const char *notice,
		     struct str to, struct err *e)
{
	struct view_problem problem = { 0 };

	if (result == 0) {
		page_notice(rq, notice);
		return request_redirect(rq, to, e);
	}
	if (!page_is_problem(rq, error, &problem, e))
		return -(int)e->code;
	return project_settings_page(rq, &problem, e);
}

static struct str settings_path(const struct request *rq)
{
	return url_for(rq->arena, ROUTE_project_settings, rq->project->path);
}

int page_project_visibility(struct request *rq, struct err *e)
{
	struct project_change in = { .has_visibility = true };
	struct project project;
	struct err error = { 0 };
	struct db *db;
	int result;

	if (!visibility_from_name(request_form(rq, "visibility"), &in.visibility))
		return err_set(e, ERR_INVALID, "Visibility is private, internal or public.");
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	result = project_update(db, &rq->actor, rq->project->id, &in, rq->arena, &project, &error);
	return life_done(rq, result, &error, I18N("The visibility is changed."), settings_path(rq),
			 e);
}

int page_project_move(struct request *rq, struct err *e)
{
	struct namespace_id to = { 0 };
	struct project project = { .path = rq->project->path };
	struct err error = { 0 };
	struct db *db;
	int result;

	if (!request_form_i64(rq, "namespace", &to.v) || to.v == rq->project->namespace.v)
		to.v = 0;
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	result = project_rename(db, &rq->actor, rq->project->id,
				str_trim(request_form(rq, "segment")), to, rq->arena, &project,
				&error);
	return life_done(rq, result, &error, I18N("The project has a new address."),
			 url_for(rq->arena, ROUTE_project_settings, project.path), e);
}

int page_project_archive(struct request *rq, struct err *e)
{
	bool archive = request_form_bool(rq, "archived", true);
	struct err error = { 0 };
	struct db *db;
	int result;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	result = archive ? project_archive(db, &rq->actor, rq->project->id, &error)
			 : project_unarchive(db, &rq->actor, rq->project->id, &error);
	return life_done(rq, result, &error,
			 archive ? I18N("The project is archived.") : I18N("The project is back."),
			 settings_path(rq), e);
}

int page_project_remove(struct request *rq, struct err *e)
{
	struct view_problem problem;
	struct err error = { 0 };
	struct db *db;
	int result;

	if (!str_eq_nocase(str_trim(request_form(rq, "confirm")), rq->project->path)) {
		problem = page_problem(rq, I18N("Nothing was deleted: what you typed is not the "
						"project's address."));
		return project_settings_page(rq, &problem, e);
	}
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	result = project_remove(db, &rq->actor, rq->project->id, &error);
	return life_done(rq, result, &error, I18N("The project is deleted."), STR("/"), e);
}
