/*
 * Counting what must not be tried too often: one counter per key and window.
 * Counted in Redis when it answers, else in PostgreSQL; never not at all.
 * A key is text of our own making ("sign-in/ip/192.0.2.7"); names of people in
 * it are hashed by the caller if they may be secret.
 */
#ifndef STORE_RATE_H
#define STORE_RATE_H

#include "store/db.h"
#include "store/redis.h"

struct rate_limit {
	int64_t limit; /* this many in a window are fine */
	int32_t window_seconds;
};

/* ERR_RATE_LIMITED with "try again in N seconds" if the limit has been reached; counts nothing. */
MUST_USE int rate_check(struct db *db, struct redis_pool *redis, struct str key,
			struct rate_limit limit, struct err *e);
/* Counts one. */
MUST_USE int rate_hit(struct db *db, struct redis_pool *redis, struct str key,
		      struct rate_limit limit, struct err *e);
/* Forgets the key, after a success. */
MUST_USE int rate_forget(struct db *db, struct redis_pool *redis, struct str key, struct err *e);

/* For work's housekeeping: windows that are over. */
MUST_USE int rate_remove_expired(struct db *db, int64_t *removed, struct err *e);

#endif
