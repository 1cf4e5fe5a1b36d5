/*
 * hiredis 0.14: RESP2 only, and redisReconnect forgets time-outs and AUTH; so a
 * lost context is freed and a new one is made and greeted. A context whose
 * reply was NULL is dead for ever.
 */
#include "store/redis.h"

#include "base/clock.h"
#include "base/mem.h"
#include "store/redis_url.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include <hiredis/hiredis.h>

#define DEFAULT_SIZE 8u
#define DEFAULT_TIMEOUT_MS 2000
#define CONNECT_TIMEOUT_MS 1000
#define READER_GRACE_MS 5000
#define PAUSE_FIRST_MS 100
#define PAUSE_LAST_MS 5000
#define REPLY_DEPTH_MAX 8

struct redis {
	struct redis_pool *pool;
	redisContext *context; /* NULL: not connected */
	int64_t timeout_ms;
	bool is_reader; /* not of the pool's stack */
};

struct redis_pool {
	struct arena *arena; /* of the address */
	struct redis_address address;
	char *name;
	size_t size;
	int64_t timeout_ms;
	pthread_mutex_t lock;
	/* under the lock: */
	struct redis **free;
	size_t free_count;
	size_t made;
	int64_t pause_ms; /* of the last failure; 0 after a success */
	int64_t closed_until_ms;
};

int redis_pool_open(const struct redis_pool_options *options, struct redis_pool **pool,
		    struct err *e)
{
	struct arena *a = arena_open(0);
	struct redis_address address;
	struct redis_pool *made;

	if (redis_url_parse(a, str_c(options->url), &address, e) < 0) {
		arena_close(a);
		return -(int)e->code;
	}
	made = MEM_NEW(struct redis_pool);
	made->arena = a;
	made->address = address;
	made->name = mem_strdup(options->name ? options->name : "hearth");
	made->size = options->size ? options->size : DEFAULT_SIZE;
	made->timeout_ms = options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS;
	made->free = mem_alloc_array(made->size, sizeof(*made->free));
	ASSERT(pthread_mutex_init(&made->lock, NULL) == 0);
	*pool = made;
	return 0;
}

static void redis_free(struct redis *redis)
{
	if (redis->context)
		redisFree(redis->context);
	mem_free(redis);
}

void redis_pool_close(struct redis_pool *pool)
{
	if (!pool)
		return;
	ASSERT(pool->free_count == pool->made);
	for (size_t i = 0; i < pool->free_count; i++)
		redis_free(pool->free[i]);
	pthread_mutex_destroy(&pool->lock);
	arena_close(pool->arena);
	mem_free(pool->free);
	mem_free(pool->name);
	mem_free(pool);
}

static int unavailable(struct redis *redis, const char *what, struct err *e)
{
	redisContext *context = redis->context;

	err_set(e, ERR_UNAVAILABLE, "Redis: %s: %s", what,
		context && context->errstr[0] ? context->errstr : strerror(errno));
	if (context)
		redisFree(context);
	redis->context = NULL;
	return -ERR_UNAVAILABLE;
}

static struct timeval to_timeval(int64_t ms)
{
	return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
}

/* One command of the greeting; any error reply (WRONGPASS, LOADING) makes Redis unavailable. */
static int greet(struct redis *redis, size_t count, const struct str *words, struct err *e)
{
	struct redis_value value;
	struct arena *a = arena_open(0);
	int code = redis_call(redis, words, count, a, &value, e);

	arena_close(a);
	if (code == 0)
		return 0;
	if (redis->context)
		redisFree(redis->context);
	redis->context = NULL;
	e->code = ERR_UNAVAILABLE;
	return -ERR_UNAVAILABLE;
}

static int greet_all(struct redis *redis, struct err *e)
{
	const struct redis_address *to = &redis->pool->address;
	const struct str auth[] = { STR("AUTH"), to->user, to->password };
	const struct str auth_default[] = { STR("AUTH"), to->password };
	const struct str name[] = { STR("CLIENT"), STR("SETNAME"), str_c(redis->pool->name) };
	const struct str select[] = { STR("SELECT"), to->database };
	int code = 0;

	if (!str_is_empty(to->user))
		code = greet(redis, ARRAY_LEN(auth), auth, e);
	else if (!str_is_none(to->password))
		code = greet(redis, ARRAY_LEN(auth_default), auth_default, e);
	if (code == 0)
		code = greet(redis, ARRAY_LEN(name), name, e);
	if (code == 0 && !str_eq_c(to->database, "0"))
		code = greet(redis, ARRAY_LEN(select), select, e);
	return code;
}

static int connect_now(struct redis *redis, struct err *e)
{
	const struct redis_address *to = &redis->pool->address;
	struct timeval wait = to_timeval(CONNECT_TIMEOUT_MS);

	redis->context = to->socket ? redisConnectUnixWithTimeout(to->socket, wait)
				    : redisConnectWithTimeout(to->host, to->port, wait);
	if (!redis->context || redis->context->err)
		return unavailable(redis, "connect", e);
	if (redisSetTimeout(redis->context, to_timeval(redis->timeout_ms)) != REDIS_OK)
		return unavailable(redis, "time-out", e);
	if (!to->socket && redisEnableKeepAlive(redis->context) != REDIS_OK)
		return unavailable(redis, "keep-alive", e);
	return greet_all(redis, e);
}

/* The circuit: after failures nobody tries for a growing while. */
static bool is_closed(struct redis_pool *pool)
{
	bool closed;

	pthread_mutex_lock(&pool->lock);
	closed = clock_monotonic_ms() < pool->closed_until_ms;
	pthread_mutex_unlock(&pool->lock);
	return closed;
}

static void note_attempt(struct redis_pool *pool, bool has_failed)
{
	pthread_mutex_lock(&pool->lock);
	if (!has_failed) {
		pool->pause_ms = 0;
		pool->closed_until_ms = 0;
	} else {
		pool->pause_ms = pool->pause_ms ? pool->pause_ms * 2 : PAUSE_FIRST_MS;
		if (pool->pause_ms > PAUSE_LAST_MS)
			pool->pause_ms = PAUSE_LAST_MS;
		pool->closed_until_ms = clock_monotonic_ms() + pool->pause_ms;
	}
	pthread_mutex_unlock(&pool->lock);
}

static int connect_if_allowed(struct redis *redis, struct err *e)
{
	int code;

	if (is_closed(redis->pool))
		return err_set(e, ERR_UNAVAILABLE, "Redis did not answer a moment ago");
	code = connect_now(redis, e);
	note_attempt(redis->pool, code < 0);
	return code;
}

static struct redis *redis_new(struct redis_pool *pool, int64_t timeout_ms, bool is_reader)
{
	struct redis *redis = MEM_NEW(struct redis);

	redis->pool = pool;
	redis->timeout_ms = timeout_ms;
	redis->is_reader = is_reader;
	return redis;
}

static struct redis *take(struct redis_pool *pool)
{
	struct redis *redis = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->free_count > 0) {
		redis = pool->free[--pool->free_count];
	} else if (pool->made < pool->size) {
		pool->made++;
		redis = redis_new(pool, pool->timeout_ms, false);
	}
	pthread_mutex_unlock(&pool->lock);
	return redis;
}

int redis_acquire(struct redis_pool *pool, struct redis **redis, struct err *e)
{
	struct redis *taken;

	if (!pool)
		return err_set(e, ERR_UNAVAILABLE, "Redis is not configured");
	taken = take(pool);
	if (!taken)
		return err_set(e, ERR_UNAVAILABLE, "Redis: all connections are in use");
	if (!taken->context && connect_if_allowed(taken, e) < 0) {
		redis_release(taken);
		return -(int)e->code;
	}
	*redis = taken;
	return 0;
}

void redis_release(struct redis *redis)
{
	struct redis_pool *pool;

	if (!redis)
		return;
	if (redis->is_reader) {
		redis_free(redis);
		return;
	}
	pool = redis->pool;
	pthread_mutex_lock(&pool->lock);
	ASSERT(pool->free_count < pool->made);
	pool->free[pool->free_count++] = redis;
	pthread_mutex_unlock(&pool->lock);
}

void redis_release_auto(struct redis **redis)
{
	redis_release(*redis);
	*redis = NULL;
}

int redis_open_reader(struct redis_pool *pool, int64_t wait_ms, struct redis **redis, struct err *e)
{
	struct redis *made;

	if (!pool)
		return err_set(e, ERR_UNAVAILABLE, "Redis is not configured");
	made = redis_new(pool, wait_ms + READER_GRACE_MS, true);
	if (connect_if_allowed(made, e) < 0) {
		redis_free(made);
		return -(int)e->code;
	}
	*redis = made;
	return 0;
}

/* Recursion is bounded: hiredis itself refuses replies nested deeper than 7. */
static void copy_reply(struct arena *a, const redisReply *from, struct redis_value *to,
		       unsigned depth)
{
	*to = (struct redis_value){ .kind = REDIS_NIL };
	switch (from->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		to->kind = REDIS_TEXT;
		to->text = arena_str(a, str_n(from->str, from->len));
		break;
	case REDIS_REPLY_INTEGER:
		to->kind = REDIS_INTEGER;
		to->integer = from->integer;
		break;
	case REDIS_REPLY_ARRAY:
		ASSERT(depth < REPLY_DEPTH_MAX);
		to->kind = REDIS_LIST;
		to->count = from->elements;
		to->items = ARENA_ARRAY(a, struct redis_value, to->count);
		for (size_t i = 0; i < to->count; i++)
			copy_reply(a, from->element[i], &to->items[i], depth + 1);
		break;
	default:
		break;
	}
}

static int take_reply(redisReply *reply, struct arena *a, struct redis_value *value, struct err *e)
{
	int code = 0;

	if (reply->type == REDIS_REPLY_ERROR)
		code = err_set(e, ERR_INTERNAL, "%.*s", STR_FMT(str_n(reply->str, reply->len)));
	else
		copy_reply(a, reply, value, 0);
	freeReplyObject(reply);
	return code;
}

#define WORDS_MAX 64

/* One try; sends and reads. */
static redisReply *exchange(struct redis *redis, const struct str *words, size_t count)
{
	const char *bytes[WORDS_MAX];
	size_t lengths[WORDS_MAX];

	for (size_t i = 0; i < count; i++) {
		bytes[i] = words[i].p ? words[i].p : "";
		lengths[i] = words[i].n;
	}
	return redisCommandArgv(redis->context, int_from_size(count), bytes, lengths);
}

int redis_call(struct redis *redis, const struct str *words, size_t count, struct arena *a,
	       struct redis_value *value, struct err *e)
{
	redisReply *reply;

	ASSERT(count > 0 && count <= WORDS_MAX);
	if (!redis->context && connect_if_allowed(redis, e) < 0)
		return -(int)e->code;
	reply = exchange(redis, words, count);
	if (!reply)
		return unavailable(redis, words[0].p, e);
	return take_reply(reply, a, value, e);
}

int redis_read(struct redis *redis, struct arena *a, struct redis_value *value, struct err *e)
{
	void *reply = NULL;

	if (!redis->context)
		return err_set(e, ERR_UNAVAILABLE, "Redis: the connection was lost");
	if (redisGetReply(redis->context, &reply) == REDIS_OK && reply)
		return take_reply(reply, a, value, e);
	/* A context that timed out cannot be used again. */
	if (redis->context->err == REDIS_ERR_IO && errno == EAGAIN) {
		redisFree(redis->context);
		redis->context = NULL;
		return err_set(e, ERR_TIMEOUT, "Redis: no message in time");
	}
	return unavailable(redis, "read", e);
}

/* What came with an earlier message is in hiredis's buffer, where no poll sees it. */
static bool has_buffered(struct redis *redis, void **reply)
{
	return redisGetReplyFromReader(redis->context, reply) == REDIS_OK && *reply;
}

int redis_read_or_end(struct redis *redis, int end_fd, struct arena *a, struct redis_value *value,
		      struct err *e)
{
	void *reply = NULL;

	if (!redis->context)
		return err_set(e, ERR_UNAVAILABLE, "Redis: the connection was lost");
	while (!has_buffered(redis, &reply)) {
		struct pollfd fds[] = { { .fd = redis->context->fd, .events = POLLIN },
					{ .fd = end_fd, .events = POLLIN } };
		int ready = poll(fds, ARRAY_LEN(fds), (int)(redis->timeout_ms - READER_GRACE_MS));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || fds[1].revents)
			return err_set(e, ERR_TIMEOUT, "Redis: no message in time");
		if (redisBufferRead(redis->context) != REDIS_OK)
			return unavailable(redis, "read", e);
	}
	return take_reply(reply, a, value, e);
}
