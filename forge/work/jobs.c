/*
 * What time does to jobs and environments. Each part goes on though another
 * failed: an environment that cannot be stopped must not keep a lost job alive.
 */
#include "work/work.h"

#include "base/clock.h"
#include "domain/environment.h"
#include "domain/job.h"
#include "domain/pipeline_change.h"
#include "store/db.h"

/*
 * Whoever could not look for so long was not there, or its database was not: then the
 * runners could not be heard either, and no lease that is over says anything of its runner.
 */
#define OUTAGE_MS 20000

static int renew_leases(struct work *w, struct db *db, struct err *e)
{
	int64_t renewed;

	if (job_renew_after_outage(db, &renewed, e) < 0)
		return -(int)e->code;
	if (renewed > 0)
		LOG(&w->app->log, LOG_INFO, "leases_after_outage", F_INT("renewed", renewed));
	return 0;
}

static int lapse(struct work *w, struct db *db, struct arena *a, struct err *e)
{
	int64_t seen = atomic_load(&w->leases_seen_ms);
	size_t lapsed;
	int failed;

	if ((seen == 0 || clock_monotonic_ms() - seen > OUTAGE_MS) && renew_leases(w, db, e) < 0)
		return -(int)e->code;
	failed = job_lapse(db, w->app->live, a, &lapsed, e);
	if (!failed)
		atomic_store(&w->leases_seen_ms, clock_monotonic_ms());
	atomic_fetch_add(&w->jobs_lapsed, (int64_t)lapsed);
	return failed;
}

static int start_due(struct work *w, struct db *db, struct arena *a, struct err *e)
{
	size_t started;
	int failed = job_start_due(db, w->app->live, a, &started, e);

	atomic_fetch_add(&w->jobs_started, (int64_t)started);
	return failed;
}

static int drop_stuck(struct work *w, struct db *db, struct arena *a, struct err *e)
{
	size_t dropped;
	int failed = pipeline_drop_stuck(db, w->app->live, a, &dropped, e);

	atomic_fetch_add(&w->jobs_dropped, (int64_t)dropped);
	return failed;
}

static int stop_environments(struct work *w, struct db *db, struct arena *a, struct err *e)
{
	size_t stopped;
	int failed = environment_stop_due(db, w->app->live, a, &stopped, e);

	atomic_fetch_add(&w->environments_stopped, (int64_t)stopped);
	return failed;
}

int work_jobs(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	static int (*const parts[])(struct work *, struct db *, struct arena *,
				    struct err *) = { lapse, start_due, drop_stuck,
						      stop_environments };
	AUTO_DB db = NULL;
	int failed = 0;

	*has_more = false;
	if (db_acquire(w->app->db, &db, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct err why = { 0 };

		if (parts[i](w, db, a, &why) < 0 && failed == 0) {
			*e = why;
			failed = -(int)why.code;
		}
	}
	return failed;
}
