/*
 * Wake-ups. A topic is a short word ("job:5", "pipeline:7", "queue:<class>");
 * whoever changed what it names publishes it after the commit, and whoever
 * waits for it looks at the truth again. A wake-up carries nothing and may be
 * lost: every waiter looks again by itself every LIVE_RECHECK_MS.
 *
 * Within a process a publish reaches the watches directly; other processes
 * hear it over one Redis channel, to which a process that waits (role web)
 * listens with a thread of its own. Without Redis the re-check is what wakes
 * the waiters of other processes.
 *
 *	struct live_watch *watch;
 *	if (live_watch(live, topics, count, &watch, e) < 0)
 *		return -(int)e->code;
 *	while (!found && live_wait(watch, fds, deadline) == LIVE_LOOK)
 *		... look again ...
 *	live_unwatch(watch);
 *
 * A waiter watches first and looks then, so that no change falls between.
 * There are at most watches_max watches, because each holds a thread; then
 * ERR_BUSY (503 with Retry-After).
 *
 * Threads: any; a watch belongs to one. Lock: its own, held for no other call.
 */
#ifndef STORE_LIVE_H
#define STORE_LIVE_H

#include "base/arena.h"
#include "base/err.h"

struct live;
struct live_watch;
struct redis_pool;

#define LIVE_RECHECK_MS 2000
#define LIVE_TOPIC_MAX 80
#define LIVE_TOPICS_MAX 8

struct live_options {
	struct redis_pool *redis; /* NULL: within this process only */
	bool listens;             /* hears other processes: a thread subscribes */
	size_t watches_max;       /* 0: 64 */
};

MUST_USE int live_open(const struct live_options *options, struct live **live, struct err *e);
/* Ends all waits, then the thread. NULL is fine. */
void live_close(struct live *live);

/* Every wait ends now and no new one lasts: the process drains. */
void live_end(struct live *live);

/*
 * After the commit, outside every lock. Never fails: who missed it looks again
 * by himself. A NULL live (the CLI) publishes nothing.
 */
void live_publish(struct live *live, struct str topic);
/* "job:5" */
void live_publish_id(struct live *live, const char *noun, int64_t id);

/* What publishes and permits travel over; NULL: there is no Redis. */
struct redis_pool *live_redis(const struct live *live);

/* Topics are copied. Every live watch holds a place: unwatch soon. */
MUST_USE int live_watch(struct live *live, const struct str *topics, size_t count,
			struct live_watch **watch, struct err *e);
/* NULL is fine. */
void live_unwatch(struct live_watch *watch);
/* The same, as a closer for arena_link. */
void live_unwatch_linked(void *watch);

enum live_woken {
	LIVE_LOOK,    /* a topic was published, or it is time to look again */
	LIVE_EXPIRED, /* the deadline came */
	LIVE_ENDED,   /* the client hung up, or this process stops */
};

/* What ends a wait early; -1: nothing. Of a request: its connection_fd and stop_fd. */
struct live_ends {
	int connection_fd;
	int stop_fd;
};

/* deadline_ms: monotonic (base/clock.h). */
enum live_woken live_wait(struct live_watch *watch, const struct live_ends *ends,
			  int64_t deadline_ms);

struct live_counts {
	size_t watches;
	uint64_t published;
	uint64_t heard;    /* from other processes */
	bool is_listening; /* the subscription stands */
};
void live_count(struct live *live, struct live_counts *counts);

#endif
