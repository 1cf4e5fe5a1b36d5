/* The page of a project's general settings and the form for name, description and default branch.
 */
#include "domain/landing.h"
#include "pages/project.h"
#include "tmpl/project_settings.h"

#define SETTINGS_BRANCHES 300

static int settings_branches(struct request *rq, struct view_project_settings *v, struct err *e)
{
	struct str folder = STR("refs/heads/");
	const struct ref *first;
	struct repo *repo;
	size_t n;

	if (!rq->project->has_repository)
		return 0;
	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	n = ref_snapshot_range(repo_refs(repo), folder, &first);
	v->branches = ARENA_ARRAY(rq->arena, struct view_name, SETTINGS_BRANCHES);
	for (size_t i = 0; i < n && i < SETTINGS_BRANCHES; i++) {
		struct str name = str_from(first[i].name, folder.n);

		v->branches[v->branches_count++] =
			(struct view_name){ .name = name,
					    .is_chosen = str_eq(name, v->default_branch) };
	}
	return 0;
}

int project_settings_page(struct request *rq, const struct view_problem *problem, struct err *e)
{
	const struct project *project = rq->project;
	struct view_project_settings v = {
		.name = project->name,
		.description = project->description,
		.default_branch = project->default_branch,
		.segment = project->segment,
		.may_set_visibility = request_may(rq, ACTION_PROJECT_VISIBILITY),
		.may_rename = request_may(rq, ACTION_PROJECT_RENAME),
		.may_archive = request_may(rq, ACTION_PROJECT_ARCHIVE),
		.may_remove = request_may(rq, ACTION_PROJECT_REMOVE),
	};

	if (problem) {
		v.problem = *problem;
		if (!str_is_none(request_form(rq, "name")))
			v.name = request_form(rq, "name");
		if (!str_is_none(request_form(rq, "description")))
			v.description = request_form(rq, "description");
		if (!str_is_none(request_form(rq, "segment")))
			v.segment = request_form(rq, "segment");
	}
	if (page_writable_namespaces(rq, false, project->namespace.v, &v.namespaces,
				     &v.namespaces_count, e) < 0 ||
	    settings_branches(rq, &v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "settings");
	v.page.project.section = "general";
	tmpl_project_settings(request_emit(rq), &v);
	return request_send_page(rq, page_problem_status(&v.problem), e);
}

int page_project_settings(struct request *rq, struct err *e)
{
	return project_settings_page(rq, NULL, e);
}

static int settings_default_branch(struct request *rq, struct str branch, struct err *e)
{
	const struct landing_request landing = {
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
		.source = PUSH_SOURCE_PAGE,
	};
	struct repo *repo;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (!ref_snapshot_find_in(repo_refs(repo), "refs/heads/", branch))
		return err_set(e, ERR_UNPROCESSABLE, "There is no branch %.*s.", STR_FMT(branch));
	request_db_return(rq);
	return landing_set_head(&landing, branch, e);
}

int page_project_update(struct request *rq, struct err *e)
{
	struct project_change in = { .name = str_trim(request_form(rq, "name")),
				     .description = str_trim(request_form(rq, "description")) };
	struct str branch = request_form(rq, "default_branch");
	bool moves = !str_is_empty(branch) && !str_eq(branch, rq->project->default_branch);
	struct view_problem problem = { 0 };
	struct project project;
	struct err error = { 0 };
	struct db *db;

	if (moves)
		in.default_branch = branch;
	if ((moves && settings_default_branch(rq, branch, &error) < 0) ||
	    request_db(rq, &db, &error) < 0 ||
	    project_update(db, &rq->actor, rq->project->id, &in, rq->arena, &project, &error) < 0) {
		if (!page_is_problem(rq, &error, &problem, e))
			return -(int)e->code;
		return project_settings_page(rq, &problem, e);
	}
	page_notice(rq, I18N("Saved."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_project_settings, project.path), e);
}
