/*
 * Housekeeping of repositories: one a portion, those with many new pushes
 * first, each at least a day after its last push, as a whole once a week.
 * What is done is decided by the operation maintain from what it finds.
 */
#include "work/work.h"

#include "domain/housekeeping.h"
#include "git/operation.h"
#include "store/db.h"

static int claim(struct work *w, struct arena *a, struct tidying *tidying, bool *found,
		 struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_claim(db, a, tidying, found, e);
}

static int note_done(struct work *w, const struct tidying *tidying, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_done(db, tidying, e);
}

static int maintain(struct work *w, const struct tidying *tidying, struct err *e)
{
	const struct git_operation_request request = { .op = GIT_OP_MAINTAIN,
						       .project_id = tidying->project.v,
						       .user_id = GIT_USER_SYSTEM,
						       .request_id = "housekeeping",
						       .flags = tidying->is_full ? GIT_FLAG_PRUNE
										 : 0,
						       .in = -1,
						       .out = -1,
						       .err = -1 };

	if (git_operation_run(w->app->run, &request, e) == 0 || e->code == ERR_NOT_FOUND)
		return 0;
	return err_add(e, "project %lld", (long long)tidying->project.v);
}

int work_housekeeping(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	struct tidying tidying;

	*has_more = false;
	if (claim(w, a, &tidying, has_more, e) < 0)
		return -(int)e->code;
	if (!*has_more)
		return 0;
	/* A failure leaves the claim: it is due again in three hours. */
	if (maintain(w, &tidying, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->maintained, 1);
	return note_done(w, &tidying, e);
}
