/* /projects/:id/fork and /forks. */
#include "api/api.h"
#include "api/project.h"

#include "domain/fork.h"

/* namespace_id, namespace_path, or the older namespace, which is either. */
static int read_namespace(struct request *rq, struct db *db, struct namespace_id *id, struct err *e)
{
	static const char *const names[] = { "namespace_id", "namespace_path", "namespace" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!str_is_empty(request_form(rq, names[i])))
			return api_namespace_of_text(rq, db, request_form(rq, names[i]), id, e);
	id->v = 0;
	return 0;
}

int api_project_fork(struct request *rq, struct err *e)
{
	struct fork_new in = { .segment = request_form(rq, "path"),
			       .name = request_form(rq, "name"),
			       .description = request_form(rq, "description") };
	struct project *fork = ARENA_NEW(rq->arena, struct project);
	struct db *db = NULL;

	if (!str_is_empty(request_form(rq, "branches")))
		return err_set(e, ERR_UNPROCESSABLE,
			       "A fork gets every branch and tag: leave branches out.");
	if (api_visibility(rq, &in.visibility, &in.has_visibility, e) < 0 ||
	    request_db(rq, &db, e) < 0 || read_namespace(rq, db, &in.namespace, e) < 0)
		return -(int)e->code;
	if (project_fork(db, &rq->actor, rq->project->id, &in, rq->arena, fork, e) < 0)
		return e->code == ERR_CONFLICT ? api_send_taken(rq, e) : -(int)e->code;
	rq->project = fork;
	rq->target.level = LEVEL_OWNER;
	return api_send_project(rq, 201, fork, e);
}

int api_fork_list(struct request *rq, struct err *e)
{
	struct project_filter filter = { 0 };

	if (api_project_filter(rq, &filter, e) < 0)
		return -(int)e->code;
	filter.fork_of = rq->project->id;
	return api_send_projects(rq, &filter, e);
}
