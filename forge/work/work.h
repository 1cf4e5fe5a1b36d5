/*
 * The background role: a table of loops (work.c), a thread each. A loop is a
 * function that does one portion and says whether there is more.
 *
 * Threads: struct work is read-only but for the counters, which are atomic.
 */
#ifndef WORK_WORK_H
#define WORK_WORK_H

#include "app.h"

#include "base/arena.h"

#include <stdatomic.h>

/* What the loops count; logged every ten minutes and at the end. */
#define WORK_COUNTERS(X)        \
	X(events_done)          \
	X(events_failed)        \
	X(settled)              \
	X(reconciled)           \
	X(maintained)           \
	X(repositories_made)    \
	X(repositories_removed) \
	X(forks_tried)          \
	X(artifacts_removed)    \
	X(permits_again)        \
	X(traces_removed)       \
	X(jobs_lapsed)          \
	X(jobs_started)         \
	X(jobs_dropped)         \
	X(environments_stopped)

struct work {
	struct app *app;
	int stop_fd;
#define WORK_COUNTER(name) _Atomic int64_t name;
	WORK_COUNTERS(WORK_COUNTER)
#undef WORK_COUNTER
	_Atomic int64_t loops_failed;
	_Atomic int64_t last_reconcile_ms; /* 0: not yet since boot */
	_Atomic int64_t leases_seen_ms;    /* when we last could look; 0: not yet since boot */
	atomic_uint trace_shard;           /* of traces/, the next to be swept */
};

/*
 * One portion. The arena lives for the portion. *has_more: call again at once.
 * An error is logged and followed by a longer pause.
 */
typedef int work_loop(struct work *w, struct arena *a, bool *has_more, struct err *e);

work_loop work_outbox;
work_loop work_settle;
work_loop work_reconcile;
work_loop work_housekeeping;
work_loop work_repositories;
work_loop work_forks;
work_loop work_jobs;
work_loop work_queue;
work_loop work_traces;
work_loop work_expiry;
work_loop work_artifacts;
work_loop work_report;

/* True when the role shall stop; loops with long portions look between steps. */
bool work_is_stopping(const struct work *w);

#endif
