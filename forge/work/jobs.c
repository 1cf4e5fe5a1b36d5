/*
 * What time does to jobs and environments. Each part goes on though another
 * failed: an environment that cannot be stopped must not keep a lost job alive.
 */
#include "work/work.h"

#include "domain/environment.h"
#include "domain/job.h"
#include "domain/pipeline_change.h"
#include "store/db.h"

static int lapse(struct work *w, struct db *db, struct arena *a, struct err *e)
{
	size_t lapsed;
	int failed = job_lapse(db, w->app->live, a, &lapsed, e);

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

void work_renew_leases(struct work *w)
{
	struct err e = { 0 };
	AUTO_DB db = NULL;
	int64_t renewed = 0;

	if (db_acquire(w->app->db, &db, &e) < 0 || job_renew_after_outage(db, &renewed, &e) < 0)
		LOG(&w->app->log, LOG_ERROR, "leases_after_outage", F_ERR(&e));
	else if (renewed > 0)
		LOG(&w->app->log, LOG_INFO, "leases_after_outage", F_INT("renewed", renewed));
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
