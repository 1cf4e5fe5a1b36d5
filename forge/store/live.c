#include "store/live.h"

#include "base/clock.h"
#include "base/mem.h"
#include "store/redis.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHANNEL "hearth:live"
#define WATCHES_DEFAULT 64
#define SUBSCRIPTION_WAIT_MS 20000
#define RETRY_MS 500
#define LIVE_MAGIC 0x4c697665u

struct live_watch {
	struct live *live;
	struct live_watch *next;
	int fd;
	size_t count;
	char topics[LIVE_TOPICS_MAX][LIVE_TOPIC_MAX + 1];
};

struct live {
	unsigned magic;
	struct redis_pool *redis;
	size_t watches_max;
	int end_fd; /* readable once the whole ends */
	bool has_thread;
	pthread_t thread;
	_Atomic uint64_t published;
	_Atomic uint64_t heard;
	atomic_bool is_listening;
	pthread_mutex_t lock;
	/* under the lock: */
	struct live_watch *watches;
	size_t watches_count;
};

/* ------------------------------------------------------------------------ waking */

static void signal_fd(int fd)
{
	const uint64_t one = 1;

	/* A counter that is full wakes as well. */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static bool has_topic(const struct live_watch *watch, struct str topic)
{
	for (size_t i = 0; i < watch->count; i++)
		if (str_eq_c(topic, watch->topics[i]))
			return true;
	return false;
}

/* none: everybody. */
static void wake(struct live *live, struct str topic)
{
	pthread_mutex_lock(&live->lock);
	for (struct live_watch *w = live->watches; w; w = w->next)
		if (str_is_none(topic) || has_topic(w, topic))
			signal_fd(w->fd);
	pthread_mutex_unlock(&live->lock);
}

static void tell_others(struct live *live, struct str topic)
{
	struct arena *a = arena_open(0);
	struct redis_value value;
	AUTO_REDIS redis = NULL;
	struct err e = { 0 };

	if (redis_acquire(live->redis, &redis, &e) == 0 &&
	    REDIS_CALL(redis, a, &value, &e, STR("PUBLISH"), STR(CHANNEL), topic) < 0)
		err_clear(&e); /* who missed it looks again by himself */
	arena_close(a);
}

void live_publish(struct live *live, struct str topic)
{
	if (!live || str_is_empty(topic) || topic.n > LIVE_TOPIC_MAX)
		return;
	atomic_fetch_add(&live->published, 1);
	wake(live, topic);
	tell_others(live, topic);
}

void live_publish_id(struct live *live, const char *noun, int64_t id)
{
	char topic[LIVE_TOPIC_MAX];

	snprintf(topic, sizeof(topic), "%s:%lld", noun, (long long)id);
	live_publish(live, str_c(topic));
}

struct redis_pool *live_redis(const struct live *live)
{
	return live ? live->redis : NULL;
}

/* --------------------------------------------------------------------- listening */

static bool is_ending(const struct live *live, int wait_ms)
{
	struct pollfd p = { .fd = live->end_fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) > 0;
}

/* ["message", channel, topic] */
static void hear(struct live *live, const struct redis_value *value)
{
	if (value->kind != REDIS_LIST || value->count != 3 ||
	    !str_eq_c(value->items[0].text, "message"))
		return;
	atomic_fetch_add(&live->heard, 1);
	wake(live, value->items[2].text);
}

/*
 * One subscription, as long as it lasts. Whatever was published while there was
 * none is unknown: so everybody looks once when it stands.
 */
static void listen_once(struct live *live)
{
	struct arena *a = arena_open(0);
	struct redis_value value;
	AUTO_REDIS redis = NULL;
	struct err e = { 0 };
	int result;

	result = redis_open_reader(live->redis, SUBSCRIPTION_WAIT_MS, &redis, &e);
	if (result == 0)
		result = REDIS_CALL(redis, a, &value, &e, STR("SUBSCRIBE"), STR(CHANNEL));
	if (result == 0) {
		atomic_store(&live->is_listening, true);
		wake(live, STR_NONE);
	}
	while (result == 0 && !is_ending(live, 0)) {
		struct arena_mark mark = arena_mark(a);

		result = redis_read_or_end(redis, live->end_fd, a, &value, &e);
		if (result == 0)
			hear(live, &value);
		else if (e.code == ERR_TIMEOUT)
			result = 0;
		arena_reset(a, mark);
	}
	atomic_store(&live->is_listening, false);
	arena_close(a);
}

static void *listen_on(void *closure)
{
	struct live *live = closure;

	while (!is_ending(live, 0)) {
		listen_once(live);
		(void)is_ending(live, RETRY_MS);
	}
	return NULL;
}

/* Signals are for the role's own threads: this one takes none. */
static int start_thread(struct live *live, struct err *e)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&live->thread, NULL, listen_on, live);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		return err_errno(e, error, "start the thread that listens to Redis");
	live->has_thread = true;
	return 0;
}

/* -------------------------------------------------------------------------- life */

int live_open(const struct live_options *options, struct live **result, struct err *e)
{
	struct live *live = MEM_NEW(struct live);

	live->magic = LIVE_MAGIC;
	live->redis = options->redis;
	live->watches_max = options->watches_max ? options->watches_max : WATCHES_DEFAULT;
	ASSERT(pthread_mutex_init(&live->lock, NULL) == 0);
	live->end_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (live->end_fd < 0) {
		(void)err_errno(e, errno, "eventfd");
		live_close(live);
		return -(int)e->code;
	}
	if (options->listens && live->redis && start_thread(live, e) < 0) {
		live_close(live);
		return -(int)e->code;
	}
	*result = live;
	return 0;
}

void live_end(struct live *live)
{
	if (live)
		signal_fd(live->end_fd);
}

void live_close(struct live *live)
{
	if (!live)
		return;
	ASSERT(live->magic == LIVE_MAGIC && live->watches_count == 0);
	if (live->end_fd >= 0)
		signal_fd(live->end_fd);
	if (live->has_thread)
		pthread_join(live->thread, NULL);
	if (live->end_fd >= 0)
		close(live->end_fd);
	pthread_mutex_destroy(&live->lock);
	mem_free(live);
}

void live_count(struct live *live, struct live_counts *counts)
{
	pthread_mutex_lock(&live->lock);
	counts->watches = live->watches_count;
	pthread_mutex_unlock(&live->lock);
	counts->published = atomic_load(&live->published);
	counts->heard = atomic_load(&live->heard);
	counts->is_listening = atomic_load(&live->is_listening);
}

/* ----------------------------------------------------------------------- waiting */

static int enter(struct live *live, struct live_watch *watch, struct err *e)
{
	bool has_room;

	pthread_mutex_lock(&live->lock);
	has_room = live->watches_count < live->watches_max;
	if (has_room) {
		watch->next = live->watches;
		live->watches = watch;
		live->watches_count++;
	}
	pthread_mutex_unlock(&live->lock);
	if (has_room)
		return 0;
	return err_set(e, ERR_BUSY,
		       "All %zu places for requests that wait are taken. Try again in a moment; an "
		       "administrator can raise connection_limit.",
		       live->watches_max);
}

int live_watch(struct live *live, const struct str *topics, size_t count, struct live_watch **watch,
	       struct err *e)
{
	struct live_watch *w = MEM_NEW(struct live_watch);

	ASSERT(live->magic == LIVE_MAGIC && count <= LIVE_TOPICS_MAX);
	w->live = live;
	w->count = count;
	for (size_t i = 0; i < count; i++) {
		bool fits = str_copy(w->topics[i], sizeof(w->topics[i]), topics[i]);

		ASSERT(fits);
	}
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->fd < 0)
		(void)err_errno(e, errno, "eventfd");
	if (w->fd < 0 || enter(live, w, e) < 0) {
		if (w->fd >= 0)
			close(w->fd);
		mem_free(w);
		return -(int)e->code;
	}
	*watch = w;
	return 0;
}

void live_unwatch(struct live_watch *watch)
{
	struct live_watch **at;

	if (!watch)
		return;
	pthread_mutex_lock(&watch->live->lock);
	at = &watch->live->watches;
	while (*at != watch)
		at = &(*at)->next;
	*at = watch->next;
	watch->live->watches_count--;
	pthread_mutex_unlock(&watch->live->lock);
	close(watch->fd);
	mem_free(watch);
}

void live_unwatch_linked(void *watch)
{
	live_unwatch(watch);
}

enum live_woken live_wait(struct live_watch *watch, const struct live_ends *ends,
			  int64_t deadline_ms)
{
	struct pollfd fds[] = {
		{ .fd = watch->fd, .events = POLLIN },
		{ .fd = ends->connection_fd, .events = POLLRDHUP },
		{ .fd = ends->stop_fd, .events = POLLIN },
		{ .fd = watch->live->end_fd, .events = POLLIN },
	};
	int64_t left = deadline_ms - clock_monotonic_ms();
	uint64_t count;
	int ready;

	if (left <= 0)
		return LIVE_EXPIRED;
	ready = poll(fds, ARRAY_LEN(fds), (int)(left < LIVE_RECHECK_MS ? left : LIVE_RECHECK_MS));
	if (ready > 0 && (fds[1].revents || fds[2].revents || fds[3].revents))
		return LIVE_ENDED;
	if (ready > 0 && read(watch->fd, &count, sizeof(count)) < 0)
		count = 0; /* nothing to take out: somebody was woken for nothing */
	return LIVE_LOOK;
}
