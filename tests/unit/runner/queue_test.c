/* Waiting on a queue, against a peer that plays Redis with one answer for each connection. */
#include "runner/queue.h"

#include "base/clock.h"
#include "base/fs.h"
#include "support/check.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

struct peer {
	const char *auth;   /* what AUTH is answered with */
	const char *answer; /* and XREADGROUP; NULL: the connection is closed */
	int listener;
	int port;
	pthread_t thread;
	char heard[2048];
};

static void read_some(int fd, char *to, size_t room)
{
	ssize_t n = read(fd, to, room - 1);

	to[n > 0 ? n : 0] = '\0';
}

static void *play(void *closure)
{
	struct peer *p = closure;
	AUTO_FD fd = accept(p->listener, NULL, NULL);
	struct pollfd left = { .fd = fd, .events = POLLIN };
	char ignored[512];
	struct err e;

	read_some(fd, ignored, sizeof(ignored));
	check_ok(fs_write_all(fd, str_c(p->auth), &e), &e);
	read_some(fd, p->heard, sizeof(p->heard));
	if (p->answer && p->heard[0])
		check_ok(fs_write_all(fd, str_c(p->answer), &e), &e);
	if (p->answer)
		(void)poll(&left, 1, 2000);
	return NULL;
}

static void start(struct peer *p)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);

	p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	check_int(bind(p->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	check_int(listen(p->listener, 4), 0);
	check_int(getsockname(p->listener, (struct sockaddr *)&at, &size), 0);
	p->port = ntohs(at.sin_port);
	check_int(pthread_create(&p->thread, NULL, play, p), 0);
}

static void stop(struct peer *p)
{
	shutdown(p->listener, SHUT_RDWR);
	pthread_join(p->thread, NULL);
	close(p->listener);
}

static struct queue *open_queue(struct arena *a, const char *addresses)
{
	const struct jsonr *json;
	struct queue *q = NULL;
	struct err e = { 0 };
	struct str text = arena_fmt(a,
				    "{\"addresses\":[%s],\"user\":\"u\",\"password\":\"p\","
				    "\"stream\":\"hearth:queue:c\",\"group\":\"runners\"}",
				    addresses);

	check_ok(jsonr_parse(a, text, &json, &e), &e);
	check_ok(queue_open(json, "s_1", &q, &e), &e);
	return q;
}

static enum queue_event next(struct queue *q, struct err *e)
{
	int64_t until = clock_monotonic_ms() + 3000;
	enum queue_event event = QUEUE_NOTHING;

	while (event == QUEUE_NOTHING && clock_monotonic_ms() < until) {
		struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };

		(void)poll(&p, 1, 100);
		event = queue_turn(q, e);
	}
	return event;
}

static void every_answer_has_its_event(void **state UNUSED)
{
	static const char permit[] =
		"*1\r\n*2\r\n$14\r\nhearth:queue:c\r\n*1\r\n*2\r\n$3\r\n1-1\r\n"
		"*2\r\n$3\r\njob\r\n$1\r\n1\r\n";
	static const struct {
		const char *answer;
		enum queue_event event;
		enum err_code code;
	} cases[] = {
		{ permit, QUEUE_PERMIT, ERR_NONE },
		{ "*-1\r\n", QUEUE_ENDED, ERR_NONE },
		{ "-NOGROUP No such key\r\n", QUEUE_LOST, ERR_UNAVAILABLE },
		{ "-NOPERM no\r\n", QUEUE_LOST, ERR_FORBIDDEN },
		{ "garbage\r\n", QUEUE_LOST, ERR_UNAVAILABLE },
		{ NULL, QUEUE_LOST, ERR_UNAVAILABLE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p = { .auth = "+OK\r\n", .answer = cases[i].answer };
		struct arena *a = arena_open(0);
		struct err e = { 0 };
		struct queue *q;

		start(&p);
		/* The first address is not there: the second one is tried. */
		q = open_queue(a, arena_strf(a, "\"unix:/nonexistent\",\"127.0.0.1:%d\"", p.port));
		check_ok(queue_wait(q, &e), &e);
		check_int(next(q, &e), cases[i].event);
		check_int(e.code, cases[i].code);
		check_int(queue_fd(q), -1);
		queue_close(q);
		stop(&p);
		check_true(strstr(p.heard, "XREADGROUP") && strstr(p.heard, "20000") &&
			   strstr(p.heard, "NOACK"));
		arena_close(a);
	}
}

static void who_is_not_let_in_does_not_wait(void **state UNUSED)
{
	struct peer p = { .auth = "-WRONGPASS invalid username-password pair\r\n" };
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct queue *q;

	start(&p);
	q = open_queue(a, arena_strf(a, "\"127.0.0.1:%d\"", p.port));
	check_err(queue_wait(q, &e), &e, ERR_FORBIDDEN, "WRONGPASS");
	check_int(queue_fd(q), -1);
	queue_close(q);
	stop(&p);
	q = open_queue(a, "\"127.0.0.1:1\",\"nonsense\"");
	check_err(queue_wait(q, &e), &e, ERR_UNAVAILABLE, "Redis");
	queue_close(q);
	arena_close(a);
}

static void an_offer_that_lacks_something_is_none(void **state UNUSED)
{
	static const char *const cases[] = {
		"null",
		"{}",
		"[]",
		"{\"addresses\":[],\"user\":\"u\",\"password\":\"p\",\"stream\":\"s\",\"group\":"
		"\"g\"}",
		"{\"addresses\":[1],\"user\":\"u\",\"password\":\"p\",\"stream\":\"s\",\"group\":"
		"\"g\"}",
		"{\"addresses\":[\"h:1\"],\"user\":\"u\",\"password\":\"p\",\"stream\":\"s\"}",
		"{\"addresses\":[\"h:1\"],\"user\":1,\"password\":\"p\",\"stream\":\"s\",\"group\":"
		"\"g\"}",
	};
	struct arena *a = arena_open(0);
	const struct jsonr *json;
	struct queue *q;
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_ok(jsonr_parse(a, str_c(cases[i]), &json, &e), &e);
		check_err(queue_open(json, "s_1", &q, &e), &e, ERR_INVALID, "no queue");
	}
	queue_close(NULL);
	arena_close(a);
}

RUN_TESTS(TEST(every_answer_has_its_event), TEST(who_is_not_let_in_does_not_wait),
	  TEST(an_offer_that_lacks_something_is_none))
