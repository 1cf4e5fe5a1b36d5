/*
 * Any bytes as what Redis says to a runner that waits for a permit, and to a process of the
 * forge that listens. The peer greets, sends the bytes and is silent. Asserted: who waited does
 * so no more after an event, and only then; replies come as values that are whole.
 */
#include "base/fs.h"
#include "runner/queue.h"
#include "store/redis.h"

#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CONNECTIONS 2
#define REPLIES_MAX 64
/* So that they come in one piece, with the greeting. */
#define BYTES_MAX 8192

struct peer {
	int listener;
	struct str bytes;
};

/* hiredis makes room for a list before its items come: as long as Redis says, which we trust. */
static struct str shorten_lists(struct str bytes, struct arena *a)
{
	char *made = arena_alloc(a, bytes.n + 1);
	size_t n = 0;
	int digits = -1;

	for (size_t i = 0; i < bytes.n; i++) {
		char c = bytes.p[i];

		if (c == '*')
			digits = 0;
		else if (c < '0' || c > '9')
			digits = c == '+' && digits == 0 ? 0 : -1;
		else if (digits >= 0 && ++digits > 5)
			continue;
		made[n++] = c;
	}
	return str_n(made, n);
}

static void *play(void *closure)
{
	const struct peer *p = closure;

	for (int i = 0; i < CONNECTIONS; i++) {
		AUTO_FD fd = accept(p->listener, NULL, NULL); /* -1: nobody comes any more */
		char said[BYTES_MAX + 8] = "+OK\r\n";
		char heard[512];
		struct err e = { 0 };

		memcpy(said + 5, p->bytes.p, p->bytes.n);
		if (fs_write_all(fd, str_n(said, 5 + p->bytes.n), &e) < 0)
			err_clear(&e);
		while (read(fd, heard, sizeof(heard)) > 0)
			;
	}
	return NULL;
}

static void check_value(const struct redis_value *v, int depth)
{
	ASSERT(depth < 9);
	ASSERT(v->kind != REDIS_TEXT || !str_is_none(v->text));
	ASSERT(v->kind == REDIS_LIST || v->count == 0);
	for (size_t i = 0; i < v->count; i++)
		check_value(&v->items[i], depth + 1);
}

static void listen_to(const char *path, struct arena *a)
{
	const struct redis_pool_options options = { .url = arena_strf(a, "unix://%s", path) };
	AUTO_FD end = eventfd(1, EFD_CLOEXEC);
	struct redis_pool *pool;
	struct redis_value value;
	struct redis *redis;
	struct err e = { 0 };
	int failed = redis_pool_open(&options, &pool, &e);

	ASSERT(!failed);
	/* On a busy machine the greeting may come too late. */
	failed = redis_open_reader(pool, 20000, &redis, &e);
	if (failed)
		redis = NULL;
	for (int i = 0; !failed && i < REPLIES_MAX; i++) {
		failed = redis_read_or_end(redis, end, a, &value, &e);
		if (!failed)
			check_value(&value, 0);
		else
			ASSERT(e.code != ERR_NONE);
	}
	redis_release(redis);
	redis_pool_close(pool);
}

static void wait_for_permits(const char *path, struct arena *a)
{
	struct str text =
		arena_fmt(a,
			  "{\"addresses\":[\"unix:%s\"],\"user\":\"u\",\"password\":\"p\","
			  "\"stream\":\"s\",\"group\":\"g\"}",
			  path);
	enum queue_event event = QUEUE_PERMIT;
	const struct jsonr *json;
	struct err e = { 0 };
	struct queue *q;
	int failed = jsonr_parse(a, text, &json, &e) < 0 || queue_open(json, "s_1", &q, &e) < 0;

	ASSERT(!failed);
	for (int i = 0; i < REPLIES_MAX && (event == QUEUE_PERMIT || event == QUEUE_ENDED); i++) {
		ASSERT(queue_fd(q) < 0);
		if (queue_wait(q, &e) < 0)
			break;
		ASSERT(queue_fd(q) >= 0);
		event = queue_turn(q, &e);
		ASSERT((event == QUEUE_NOTHING) == (queue_fd(q) >= 0));
		ASSERT(event != QUEUE_LOST || e.text[0] != '\0');
	}
	queue_close(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_n((const char *)data, size < BYTES_MAX ? size : BYTES_MAX);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct arena *a = arena_open(0);
	struct peer p = { .bytes = shorten_lists(bytes, a) };
	pthread_t thread;
	int failed;

	snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/redis-fuzz-%d", (int)getpid());
	p.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	failed = bind(p.listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
		 listen(p.listener, CONNECTIONS) < 0 ||
		 pthread_create(&thread, NULL, play, &p) != 0;
	ASSERT(!failed);
	listen_to(at.sun_path, a);
	wait_for_permits(at.sun_path, a);
	shutdown(p.listener, SHUT_RDWR);
	pthread_join(thread, NULL);
	close(p.listener);
	unlink(at.sun_path);
	arena_close(a);
	return 0;
}
