/*
 * Repositories that should be there and are not (a crash between the project's
 * row and its folder), and those that should be gone (deleted projects).
 */
#include "work/work.h"

#include "domain/access.h"
#include "domain/housekeeping.h"
#include "git/operation.h"
#include "store/db.h"

static int run(struct work *w, enum git_op op, int64_t project, const char *name, struct err *e)
{
	const struct git_operation_request request = { .op = op,
						       .project_id = project,
						       .user_id = GIT_USER_SYSTEM,
						       .request_id = "repositories",
						       .in = -1,
						       .out = -1,
						       .err = -1,
						       .name = name };

	return git_operation_run(w->app->run, &request, e);
}

static int make_one(struct work *w, struct project_id project, struct arena *a, struct err *e)
{
	const struct actor system = actor_system();
	struct project_access access;
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0 ||
	    access_find_project_by_id(db, &system, project, a, &access, e) < 0)
		return -(int)e->code;
	if (!access.target.exists)
		return 0;
	db_release(db);
	db = NULL;
	if (run(w, GIT_OP_INIT, project.v, arena_cstr(a, access.project.default_branch), e) < 0 ||
	    db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->repositories_made, 1);
	return project_note_repository(db, project, e);
}

static int make_all(struct work *w, struct arena *a, struct err *e)
{
	struct project_id *ids;
	AUTO_DB db = NULL;
	size_t count;

	if (db_acquire(w->app->db, &db, e) < 0 ||
	    project_list_without_repository(db, a, &ids, &count, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	for (size_t i = 0; i < count && !work_is_stopping(w); i++)
		if (make_one(w, ids[i], a, e) < 0)
			return -(int)e->code;
	return 0;
}

static int remove_one(struct work *w, struct project_id project, struct err *e)
{
	AUTO_DB db = NULL;

	if (run(w, GIT_OP_REMOVE, project.v, NULL, e) < 0 || db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->repositories_removed, 1);
	return housekeeping_note_removed(db, project, e);
}

static int remove_all(struct work *w, struct arena *a, struct err *e)
{
	struct project_id *ids;
	AUTO_DB db = NULL;
	size_t count;

	if (db_acquire(w->app->db, &db, e) < 0 ||
	    housekeeping_list_removable(db, a, &ids, &count, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	for (size_t i = 0; i < count && !work_is_stopping(w); i++)
		if (remove_one(w, ids[i], e) < 0)
			return -(int)e->code;
	return 0;
}

int work_repositories(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	*has_more = false;
	if (make_all(w, a, e) < 0)
		return -(int)e->code;
	return remove_all(w, a, e);
}
