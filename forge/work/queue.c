/* Redis as runners need it, made again after whatever happened to it; and logs without a job. */
#include "work/work.h"

#include "domain/queue.h"
#include "domain/trace.h"
#include "store/db.h"
#include "store/live.h"

/*
 * Users and streams first: a permit is of no use to a runner that may not read.
 * Without Redis there is nothing to look after: runners ask over HTTP.
 */
int work_queue(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	struct redis_pool *redis = live_redis(w->app->live);
	AUTO_DB db = NULL;
	size_t added = 0;

	*has_more = false;
	if (!redis)
		return 0;
	if (db_acquire(w->app->db, &db, e) < 0 || queue_sync(db, redis, w->app->secret, a, e) < 0 ||
	    queue_again(db, w->app->live, a, &added, e) < 0)
		return -(int)e->code;
	atomic_fetch_add(&w->permits_again, (int64_t)added);
	return 0;
}

/* One of the 256 folders at a time. */
int work_traces(struct work *w, struct arena *a, bool *has_more, struct err *e)
{
	unsigned shard = atomic_load(&w->trace_shard);
	AUTO_DB db = NULL;
	size_t removed;

	*has_more = false;
	if (db_acquire(w->app->db, &db, e) < 0 ||
	    trace_sweep(db, w->app->data, &shard, a, &removed, e) < 0)
		return -(int)e->code;
	atomic_store(&w->trace_shard, shard);
	atomic_fetch_add(&w->traces_removed, (int64_t)removed);
	return 0;
}
