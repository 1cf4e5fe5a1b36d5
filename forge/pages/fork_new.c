#include "domain/fork.h"
#include "pages/fork.h"
#include "tmpl/fork_new.h"

static int fork_new_page(struct request *rq, struct view_fork_new *v, int64_t namespace,
			 struct err *e)
{
	if (page_writable_namespaces(rq, false, namespace, &v->namespaces, &v->namespaces_count,
				     e) < 0)
		return -(int)e->code;
	v->visibility.widest = str_c(visibility_name(rq->project->visibility));
	page_frame(rq, &v->page, "files");
	tmpl_fork_new(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_fork_new(struct request *rq, struct err *e)
{
	struct view_fork_new v = {
		.segment = rq->project->segment,
		.name = rq->project->name,
		.description = rq->project->description,
		.visibility = { .name = str_c(visibility_name(rq->project->visibility)) },
	};

	return fork_new_page(rq, &v, rq->actor.namespace.v, e);
}

int page_fork_create(struct request *rq, struct err *e)
{
	struct view_fork_new v = {
		.segment = str_trim(request_form(rq, "segment")),
		.name = str_trim(request_form(rq, "name")),
		.description = str_trim(request_form(rq, "description")),
		.visibility = { .name = request_form(rq, "visibility") },
	};
	struct fork_new in = { .segment = v.segment, .name = v.name, .description = v.description };
	struct project fork;
	struct err error = { 0 };
	struct db *db;

	if (!request_form_i64(rq, "namespace", &in.namespace.v))
		in.namespace = rq->actor.namespace;
	in.has_visibility = visibility_from_name(v.visibility.name, &in.visibility);
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (project_fork(db, &rq->actor, rq->project->id, &in, rq->arena, &fork, &error) == 0)
		return request_redirect(rq, url_for(rq->arena, ROUTE_project_show, fork.path), e);
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	return fork_new_page(rq, &v, in.namespace.v, e);
}
