#include "domain/fork.h"
#include "pages/fork.h"
#include "tmpl/fork_list.h"

#define FORK_ROWS 30

static int source_path(struct request *rq, struct db *db, struct project_id source,
		       struct str *path, struct err *e)
{
	struct project_access access;

	*path = STR_NONE;
	if (source.v == 0)
		return 0;
	if (access_find_project_by_id(db, &rq->actor, source, rq->arena, &access, e) < 0)
		return -(int)e->code;
	if (access_sees(&rq->actor, &access.target))
		*path = access.project.path;
	return 0;
}

int fork_view(struct request *rq, struct view_fork *v, struct err *e)
{
	struct fork_facts facts;
	struct str source;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    fork_facts_get(db, rq->project->id, rq->arena, &facts, e) < 0 ||
	    source_path(rq, db, facts.source, &source, e) < 0)
		return -(int)e->code;
	*v = (struct view_fork){
		.is_fork = facts.is_fork,
		.is_copying = facts.is_fork && facts.state == FORK_COPYING,
		.has_failed = facts.is_fork && facts.state == FORK_FAILED,
		.may_fork = request_may(rq, ACTION_PROJECT_FORK) &&
			    request_may(rq, ACTION_CODE_READ) && !rq->project->is_empty,
		.source = source,
		.error = facts.error,
		.forks = facts.forks,
	};
	return 0;
}

int page_forks(struct request *rq, struct err *e)
{
	struct view_fork_list v = { 0 };
	const struct project_filter filter = { .fork_of = rq->project->id };
	struct listing slice = page_listing(rq, FORK_ROWS);
	struct projects projects;
	struct db *db;

	if (fork_view(rq, &v.fork, e) < 0 || request_db(rq, &db, e) < 0 ||
	    project_list(db, &rq->actor, &filter, slice, rq->arena, &projects, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "files");
	project_rows(rq, &projects, &v.projects, &v.projects_count);
	v.pager = page_pager(rq, slice, projects.total, false);
	tmpl_fork_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
