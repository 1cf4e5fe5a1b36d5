#include "store/rate.h"

#include "q/rate.h"

static int refuse(int64_t seconds, struct err *e)
{
	return err_set(
		e, ERR_RATE_LIMITED,
		"Too many tries. Wait %lld seconds, then try again; an administrator can help "
		"if this was not you.",
		(long long)(seconds > 0 ? seconds : 1));
}

static struct str redis_key(struct arena *a, struct str key)
{
	return arena_fmt(a, "hearth:rate:%.*s", STR_FMT(key));
}

/* The hits and the seconds left, as Redis knows them. */
static int read_redis(struct redis_pool *pool, struct arena *a, struct str key, int64_t *hits,
		      int64_t *seconds, struct err *e)
{
	AUTO_REDIS redis = NULL;
	struct redis_value value;
	struct str name = redis_key(a, key);

	*hits = 0;
	*seconds = 0;
	if (redis_acquire(pool, &redis, e) < 0 ||
	    REDIS_CALL(redis, a, &value, e, STR("GET"), name) < 0)
		return -(int)e->code;
	if (value.kind != REDIS_TEXT)
		return 0;
	if (!str_to_i64(value.text, hits))
		return err_set(e, ERR_INTERNAL, "%.*s is no number in Redis", STR_FMT(name));
	if (REDIS_CALL(redis, a, &value, e, STR("TTL"), name) < 0)
		return -(int)e->code;
	*seconds = value.integer;
	return 0;
}

static int read_db(struct db *db, struct arena *a, struct str key, int64_t *hits, int64_t *seconds,
		   struct err *e)
{
	struct q_rate_count_row row = { 0 };
	bool found;

	if (q_rate_count(db, &(struct q_rate_count_in){ key }, a, &row, &found, e) < 0)
		return -(int)e->code;
	*hits = found ? row.hits : 0;
	*seconds = found ? row.seconds_left : 0;
	return 0;
}

int rate_check(struct db *db, struct redis_pool *redis, struct str key, struct rate_limit limit,
	       struct err *e)
{
	struct arena *a = arena_open(0);
	struct err ignored;
	int64_t hits;
	int64_t seconds;
	int code = 0;

	if (read_redis(redis, a, key, &hits, &seconds, &ignored) < 0)
		code = read_db(db, a, key, &hits, &seconds, e);
	if (code == 0 && hits >= limit.limit)
		code = refuse(seconds, e);
	arena_close(a);
	return code;
}

/* The window begins with the first hit: only then an end is set. */
static int hit_redis(struct redis_pool *pool, struct arena *a, struct str key,
		     struct rate_limit limit, struct err *e)
{
	AUTO_REDIS redis = NULL;
	struct redis_value value;
	struct str name = redis_key(a, key);
	struct str seconds = arena_fmt(a, "%d", limit.window_seconds);

	if (redis_acquire(pool, &redis, e) < 0 ||
	    REDIS_CALL(redis, a, &value, e, STR("SET"), name, STR("0"), STR("EX"), seconds,
		       STR("NX")) < 0)
		return -(int)e->code;
	return REDIS_CALL(redis, a, &value, e, STR("INCR"), name);
}

int rate_hit(struct db *db, struct redis_pool *redis, struct str key, struct rate_limit limit,
	     struct err *e)
{
	struct arena *a = arena_open(0);
	struct err ignored;
	int code = 0;

	if (hit_redis(redis, a, key, limit, &ignored) < 0)
		code = q_rate_add(db, &(struct q_rate_add_in){ key, limit.window_seconds }, NULL,
				  e);
	arena_close(a);
	return code;
}

static void forget_redis(struct redis_pool *pool, struct str key)
{
	struct arena *a = arena_open(0);
	struct err ignored;
	AUTO_REDIS redis = NULL;
	struct redis_value value;

	/* A counter that stays makes somebody wait, no more. */
	if (redis_acquire(pool, &redis, &ignored) == 0 &&
	    REDIS_CALL(redis, a, &value, &ignored, STR("DEL"), redis_key(a, key)) < 0)
		err_clear(&ignored);
	arena_close(a);
}

int rate_forget(struct db *db, struct redis_pool *redis, struct str key, struct err *e)
{
	/* Both: Redis may have come or gone in between. */
	forget_redis(redis, key);
	return q_rate_remove(db, &(struct q_rate_remove_in){ key }, NULL, e);
}

int rate_remove_expired(struct db *db, int64_t *removed, struct err *e)
{
	return q_rate_remove_expired(db, removed, e);
}
