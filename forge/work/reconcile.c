/*
 * Reconciling: at boot (after clearing what dead operations left) and once a
 * day, every repository's refs against their last recorded values. A cheap look
 * without the lock comes first; only a repository that looks wrong is locked.
 */
#include "work/work.h"

#include "base/clock.h"
#include "domain/actor.h"
#include "domain/housekeeping.h"
#include "domain/landing.h"
#include "git/ref_snapshot.h"
#include "store/db.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

static struct landing_request request_for(struct work *w, const struct actor *system,
					  struct project_id project)
{
	return (struct landing_request){ .db = w->app->db,
					 .run = w->app->run,
					 .actor = system,
					 .project = project,
					 .source = PUSH_SOURCE_SYSTEM };
}

static int looks_right(struct work *w, struct project_id project, struct arena *a, bool *right,
		       struct err *e)
{
	const struct ref_snapshot *disk;
	AUTO_DB db = NULL;
	int failed;

	if (ref_snapshot_get(w->app->reader, project.v, &disk, e) < 0)
		return -(int)e->code;
	failed = db_acquire(w->app->db, &db, e);
	if (!failed)
		failed = landing_agrees(db, project, disk, a, right, e);
	ref_snapshot_unref(disk);
	return failed;
}

static int reconcile_one(struct work *w, struct project_id project, bool is_boot, struct arena *a,
			 struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = request_for(w, &system, project);
	size_t differences = 0;
	bool was_busy = false;
	bool right = false;

	if (is_boot && landing_reset(&request, &was_busy, e) < 0)
		return -(int)e->code;
	if (looks_right(w, project, a, &right, e) < 0)
		return -(int)e->code;
	if (right)
		return 0;
	/* Busy: a landing is alive; tomorrow, or at its end, the books are right. */
	if (landing_reconcile(&request, w->app->data, &differences, &was_busy, e) < 0)
		return -(int)e->code;
	if (differences == 0)
		return 0;
	atomic_fetch_add(&w->reconciled, i64_from_size(differences));
	LOG(&w->app->log, LOG_ERROR, "reconciled", F_INT("project", project.v),
	    F_INT("refs", i64_from_size(differences)));
	return 0;
}

static int next_projects(struct work *w, struct project_id after, struct arena *a,
			 struct project_id **ids, size_t *count, struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return housekeeping_list_repositories(db, after, a, ids, count, e);
}

/*
 * A repository that fails is logged and left for tomorrow. But if the git role is away
 * (at boot it may open its socket later than this looks), the pass itself has failed.
 */
static int pass(struct work *w, bool is_boot, struct arena *a, struct err *e)
{
	struct arena_mark mark = arena_mark(a);
	struct project_id after = { 0 };

	for (;;) {
		struct project_id *ids;
		size_t count;

		if (next_projects(w, after, a, &ids, &count, e) < 0)
			return -(int)e->code;
		if (count == 0)
			return 0;
		for (size_t i = 0; i < count && !work_is_stopping(w); i++) {
			struct err one = { 0 };

			after = ids[i];
			if (reconcile_one(w, after, is_boot, a, &one) == 0)
				continue;
			if (one.code == ERR_UNAVAILABLE) {
				*e = one;
				return -(int)ERR_UNAVAILABLE;
			}
			LOG(&w->app->log, LOG_ERROR, "reconcile_failed", F_INT("project", after.v),
			    F_ERR(&one));
		}
		if (work_is_stopping(w))
			return 0;
		arena_reset(a, mark);
	}
}

int work_reconcile(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	int64_t last = atomic_load(&w->last_reconcile_ms);
	int64_t now = clock_monotonic_ms();

	*has_more = false;
	if (last != 0 && now - last < DAY_MS)
		return 0;
	if (pass(w, last == 0, a, e) < 0)
		return -(int)e->code;
	atomic_store(&w->last_reconcile_ms, now);
	return 0;
}
