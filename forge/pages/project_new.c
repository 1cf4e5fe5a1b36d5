#include "git/operation.h"
#include "pages/project.h"
#include "tmpl/project_new.h"

int project_make_repository(struct request *rq, const struct project *project, struct err *e)
{
	const struct git_operation_request init = {
		.op = GIT_OP_INIT,
		.project_id = project->id.v,
		.user_id = rq->actor.user.v,
		.request_id = arena_cstr(rq->arena, rq->request_id),
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(rq->arena, project->default_branch),
	};
	struct db *db;

	request_db_return(rq);
	if (git_operation_run(rq->app->run, &init, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return project_note_repository(db, project->id, e);
}

static int project_new_page(struct request *rq, struct view_project_new *v, int64_t namespace,
			    struct err *e)
{
	if (page_writable_namespaces(rq, false, namespace, &v->namespaces, &v->namespaces_count,
				     e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "explore");
	tmpl_project_new(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_project_new(struct request *rq, struct err *e)
{
	struct view_project_new v = { .visibility = { .name = STR("private") },
				      .default_branch = STR(PROJECT_DEFAULT_BRANCH) };
	int64_t place;

	if (!str_to_i64(request_query(rq, "namespace"), &place))
		place = rq->actor.namespace.v;
	return project_new_page(rq, &v, place, e);
}

static struct project_new project_of_form(const struct request *rq,
					  const struct view_project_new *v)
{
	struct project_new in = { .segment = v->segment, .description = v->description };

	if (!request_form_i64(rq, "namespace", &in.namespace.v))
		in.namespace = rq->actor.namespace;
	if (!str_is_empty(v->name))
		in.name = v->name;
	if (!str_is_empty(v->default_branch))
		in.default_branch = v->default_branch;
	if (!visibility_from_name(v->visibility.name, &in.visibility))
		in.visibility = VISIBILITY_PRIVATE;
	return in;
}

int page_project_create(struct request *rq, struct err *e)
{
	struct view_project_new v = {
		.segment = str_trim(request_form(rq, "segment")),
		.name = str_trim(request_form(rq, "name")),
		.description = str_trim(request_form(rq, "description")),
		.default_branch = str_trim(request_form(rq, "default_branch")),
		.visibility = { .name = request_form(rq, "visibility") },
	};
	const struct project_new in = project_of_form(rq, &v);
	struct project project;
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (project_create(db, &rq->actor, &in, rq->arena, &project, &error) < 0) {
		if (!page_is_problem(rq, &error, &v.problem, e))
			return -(int)e->code;
		return project_new_page(rq, &v, in.namespace.v, e);
	}
	/* If it fails now, the project's page asks for the folder again. */
	if (project_make_repository(rq, &project, e) < 0)
		return -(int)e->code;
	return request_redirect(rq, url_for(rq->arena, ROUTE_project_show, project.path), e);
}
