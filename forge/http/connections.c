/* The list of connections and its sweeper. See connections.h. */
#include "http/connections.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/mem.h"
#include "http/network.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#define SWEEP_EVERY_MS 500
#define WINDOW_MS 60000
#define ADDRESS_TEXT 64

struct connection {
	struct connection *next;
	struct connection *before;
	int fd;
	char address[ADDRESS_TEXT];
	_Atomic int phase;
	_Atomic int64_t since_ms;
	_Atomic uint64_t bytes; /* of the body in this window; to send */
	_Atomic bool had_request;
	bool is_ended;
};

struct connections {
	pthread_mutex_t lock;
	struct connection *first;
	size_t count;
	struct connection_limits limits;
	_Atomic uint64_t swept;
	_Atomic uint64_t total;
	pthread_t sweeper;
	int stop_fd;
};

static bool is_too_slow(const struct connections *all, struct connection *c, int64_t now)
{
	int64_t age = now - atomic_load(&c->since_ms);
	uint64_t rate = all->limits.rate;
	uint64_t bytes = atomic_load(&c->bytes);

	switch (atomic_load(&c->phase)) {
	case CONNECTION_WAITING:
		return age > all->limits.head_ms +
				     (atomic_load(&c->had_request) ? all->limits.idle_ms : 0);
	case CONNECTION_BODY:
		if (age < WINDOW_MS)
			return false;
		atomic_store(&c->since_ms, now);
		atomic_fetch_sub(&c->bytes, bytes);
		return bytes < rate * (WINDOW_MS / 1000);
	case CONNECTION_SENDING:
		return age > WINDOW_MS + (int64_t)(bytes / rate) * 1000;
	default:
		return false;
	}
}

/* shutdown, not close: the thread of the connection sees the end and closes. */
static void end(struct connection *c)
{
	if (!c->is_ended)
		shutdown(c->fd, SHUT_RDWR);
	c->is_ended = true;
}

static void sweep(struct connections *all)
{
	int64_t now = clock_monotonic_ms();

	pthread_mutex_lock(&all->lock);
	for (struct connection *c = all->first; c; c = c->next) {
		if (c->is_ended || !is_too_slow(all, c, now))
			continue;
		end(c);
		atomic_fetch_add(&all->swept, 1);
	}
	pthread_mutex_unlock(&all->lock);
}

static void *run_sweeper(void *closure)
{
	struct connections *all = closure;
	struct pollfd stop = { .fd = all->stop_fd, .events = POLLIN };

	for (;;) {
		int n = poll(&stop, 1, SWEEP_EVERY_MS);

		if (n > 0)
			return NULL;
		sweep(all);
	}
}

struct connections *connections_open(const struct connection_limits *limits)
{
	struct connections *all = MEM_NEW(struct connections);

	all->limits = *limits;
	pthread_mutex_init(&all->lock, NULL);
	all->stop_fd = eventfd(0, EFD_CLOEXEC);
	ASSERT(all->stop_fd >= 0);
	ASSERT(pthread_create(&all->sweeper, NULL, run_sweeper, all) == 0);
	return all;
}

void connections_close(struct connections *all)
{
	if (!all)
		return;
	ASSERT(eventfd_write(all->stop_fd, 1) == 0);
	pthread_join(all->sweeper, NULL);
	ASSERT(!all->first);
	close(all->stop_fd);
	pthread_mutex_destroy(&all->lock);
	mem_free(all);
}

static void address_of(const struct sockaddr *peer, char to[static ADDRESS_TEXT])
{
	struct arena *a = arena_open(4096);

	if (!str_copy(to, ADDRESS_TEXT, network_address(a, peer)))
		to[0] = '\0';
	arena_close(a);
}

struct connection *connections_add(struct connections *all, int fd, const struct sockaddr *peer)
{
	struct connection *c = MEM_NEW(struct connection);

	c->fd = fd;
	address_of(peer, c->address);
	atomic_store(&c->phase, CONNECTION_WAITING);
	atomic_store(&c->since_ms, clock_monotonic_ms());
	atomic_fetch_add(&all->total, 1);
	pthread_mutex_lock(&all->lock);
	c->next = all->first;
	if (c->next)
		c->next->before = c;
	all->first = c;
	all->count++;
	pthread_mutex_unlock(&all->lock);
	return c;
}

void connections_remove(struct connections *all, struct connection *c)
{
	pthread_mutex_lock(&all->lock);
	if (c->before)
		c->before->next = c->next;
	else
		all->first = c->next;
	if (c->next)
		c->next->before = c->before;
	all->count--;
	pthread_mutex_unlock(&all->lock);
	mem_free(c);
}

void connection_set_phase(struct connection *c, enum connection_phase phase, uint64_t bytes)
{
	atomic_store(&c->bytes, bytes);
	atomic_store(&c->since_ms, clock_monotonic_ms());
	if (phase != CONNECTION_WAITING)
		atomic_store(&c->had_request, true);
	atomic_store(&c->phase, (int)phase);
}

void connection_note_body(struct connection *c, size_t bytes)
{
	atomic_fetch_add(&c->bytes, bytes);
}

size_t connections_count_of(struct connections *all, const struct sockaddr *peer)
{
	char address[ADDRESS_TEXT];
	size_t count = 0;

	address_of(peer, address);
	pthread_mutex_lock(&all->lock);
	for (const struct connection *c = all->first; c; c = c->next)
		count += strcmp(c->address, address) == 0;
	pthread_mutex_unlock(&all->lock);
	return count;
}

size_t connections_end_waiting(struct connections *all)
{
	size_t left = 0;

	pthread_mutex_lock(&all->lock);
	for (struct connection *c = all->first; c; c = c->next) {
		if (atomic_load(&c->phase) == CONNECTION_WAITING)
			end(c);
		else
			left++;
	}
	pthread_mutex_unlock(&all->lock);
	return left;
}

uint64_t connections_swept(const struct connections *all)
{
	return atomic_load(&all->swept);
}

uint64_t connections_total(const struct connections *all)
{
	return atomic_load(&all->total);
}

uint64_t connections_number(struct connections *all)
{
	uint64_t count;

	pthread_mutex_lock(&all->lock);
	count = all->count;
	pthread_mutex_unlock(&all->lock);
	return count;
}
