/*
 * Settling: at boot and whenever a project says unsettled > 0 for longer than a
 * landing takes, redo what a crash left. A landing that is alive holds the lock
 * and is left alone.
 */
#include "work/work.h"

#include "domain/actor.h"
#include "domain/landing.h"
#include "store/db.h"

static int list(struct work *w, struct arena *a, struct project_id **ids, size_t *count,
		struct err *e)
{
	AUTO_DB db = NULL;

	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	return landing_list_unsettled(db, a, ids, count, e);
}

static int settle_one(struct work *w, struct project_id project, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = w->app->db,
						 .run = w->app->run,
						 .actor = &system,
						 .project = project,
						 .source = PUSH_SOURCE_SYSTEM };
	bool was_busy;

	if (landing_settle(&request, &was_busy, e) < 0)
		return err_add(e, "project %lld", (long long)project.v);
	if (was_busy)
		return 0;
	atomic_fetch_add(&w->settled, 1);
	LOG(&w->app->log, LOG_WARN, "settled", F_INT("project", project.v));
	return 0;
}

int work_settle(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	struct project_id *ids;
	size_t count;
	int failed = 0;

	*has_more = false;
	if (list(w, a, &ids, &count, e) < 0)
		return -(int)e->code;
	/* One that cannot be settled must not keep the others from it. */
	for (size_t i = 0; i < count && !work_is_stopping(w); i++) {
		struct err one = { 0 };

		if (settle_one(w, ids[i], &one) < 0) {
			*e = one;
			failed = -(int)one.code;
		}
	}
	return failed;
}
