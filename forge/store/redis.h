/*
 * Redis, which may be emptied or stopped at any moment: it holds only permits,
 * wake-ups and rate counters. Every caller has a way that works without it, so
 * functions answer ERR_UNAVAILABLE and the caller goes that way.
 *
 * A pool lends connections as store/db.h does. After a failure the pool does
 * not try again for a growing while (0.1 to 5 s), so that a dead Redis costs
 * nothing per request. A pool pointer may be NULL: all calls then answer
 * ERR_UNAVAILABLE at once.
 *
 * hiredis writes without MSG_NOSIGNAL: the process must ignore SIGPIPE.
 *
 * Threads: a pool any, a connection one at a time.
 */
#ifndef STORE_REDIS_H
#define STORE_REDIS_H

#include "base/arena.h"
#include "base/err.h"

struct redis_pool;
struct redis;

struct redis_pool_options {
	const char *url;    /* see store/redis_url.h */
	size_t size;        /* 0 means 8 */
	int64_t timeout_ms; /* of one command; 0 means 2000 */
	const char *name;   /* CLIENT SETNAME; NULL means "hearth" */
};

/* Checks the address only: Redis need not run. */
MUST_USE int redis_pool_open(const struct redis_pool_options *options, struct redis_pool **pool,
			     struct err *e);
void redis_pool_close(struct redis_pool *pool);

MUST_USE int redis_acquire(struct redis_pool *pool, struct redis **redis, struct err *e);
void redis_release(struct redis *redis);
void redis_release_auto(struct redis **redis);
#define AUTO_REDIS __attribute__((cleanup(redis_release_auto))) struct redis *

enum redis_kind { REDIS_NIL, REDIS_TEXT, REDIS_INTEGER, REDIS_LIST };

/* A reply, copied into the arena. */
struct redis_value {
	enum redis_kind kind;
	struct str text; /* of strings and status words */
	int64_t integer;
	struct redis_value *items;
	size_t count;
};

/*
 * One command of `count` words, any bytes. An error reply of Redis is
 * ERR_INTERNAL with its text ("NOGROUP ..."); a lost connection is
 * ERR_UNAVAILABLE.
 */
MUST_USE int redis_call(struct redis *redis, const struct str *words, size_t count, struct arena *a,
			struct redis_value *value, struct err *e);
#define REDIS_CALL(redis, a, value, e, ...)                                                        \
	redis_call((redis), (const struct str[]){ __VA_ARGS__ },                                   \
		   sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str), (a), (value), \
		   (e))

/*
 * A connection of its own for a reader that blocks (XREADGROUP, SUBSCRIBE):
 * the time-out of a read is wait_ms + 5 s. Close with redis_release.
 */
MUST_USE int redis_open_reader(struct redis_pool *pool, int64_t wait_ms, struct redis **redis,
			       struct err *e);
/* The next pushed message of a subscription; ERR_TIMEOUT when none came in time. */
MUST_USE int redis_read(struct redis *redis, struct arena *a, struct redis_value *value,
			struct err *e);
/*
 * The same, but ends with ERR_TIMEOUT also when end_fd becomes readable, and the
 * connection can be read again after it.
 */
MUST_USE int redis_read_or_end(struct redis *redis, int end_fd, struct arena *a,
			       struct redis_value *value, struct err *e);

#endif
