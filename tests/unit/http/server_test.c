/* The door over real sockets: what libmicrohttpd leaves to us, one test each. */
#include "http/server.h"

#include "support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/socket.h>

struct fixture {
	struct http_server *server;
	uint16_t port;
	_Atomic int overslept; /* answers that waited their time out */
};

struct waiting {
	struct fixture *fixture;
	struct http_exchange *x;
};

/* ---- a handler of a few addresses ---- */

static ssize_t count_down(void *closure, char *to, size_t room)
{
	int *left = closure;

	if (*left == 0)
		return 0;
	(*left)--;
	ASSERT(room >= 2);
	memcpy(to, "x\n", 2);
	return 2;
}

/* Waits as a long answer does: for the client to leave or the server to stop. */
static ssize_t wait_for_end(void *closure, char *to UNUSED, size_t room UNUSED)
{
	struct waiting *w = closure;
	struct pollfd p[2] = { { w->x->head.stop_fd, POLLIN, 0 },
			       { w->x->head.connection_fd, POLLRDHUP, 0 } };

	if (poll(p, 2, 10000) == 0)
		atomic_fetch_add(&w->fixture->overslept, 1);
	return -1;
}

static void begin(void *closure UNUSED, struct http_exchange *x)
{
	if (str_eq_c(x->head.path, "/refuse"))
		http_respond(x, 403, "text/plain", STR("refused\n"));
	else if (str_eq_c(x->head.path, "/take"))
		x->body.limit = 1u << 20;
}

static void finish(void *closure, struct http_exchange *x)
{
	if (str_eq_c(x->head.path, "/stream")) {
		int *left = ARENA_NEW(x->arena, int);

		*left = 3;
		http_respond_stream(x, 200, "text/plain", HTTP_SIZE_UNKNOWN, count_down, left);
	} else if (str_eq_c(x->head.path, "/wait")) {
		struct waiting *w = ARENA_NEW(x->arena, struct waiting);

		*w = (struct waiting){ closure, x };
		http_respond_stream(x, 200, "text/plain", HTTP_SIZE_UNKNOWN, wait_for_end, w);
	} else if (x->body.failed) {
		http_respond(x, err_http_status(x->body.failure.code), "text/plain",
			     arena_fmt(x->arena, "%s\n", x->body.failure.text));
	} else {
		http_respond(x, 200, "text/plain",
			     arena_fmt(x->arena, "%.*s %zu %.*s\n", STR_FMT(x->head.path),
				       x->body.bytes.n, STR_FMT(x->head.client)));
	}
}

static struct fixture *start(const struct http_server_options *wanted)
{
	struct http_server_options o = wanted ? *wanted : (struct http_server_options){ 0 };
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct http_handler handler = { begin, finish, NULL, f };
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t size = sizeof(at);
	struct err e = { 0 };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	o.listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	check_int(bind(o.listen_fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	check_int(listen(o.listen_fd, 50), 0);
	check_int(getsockname(o.listen_fd, (struct sockaddr *)&at, &size), 0);
	f->port = ntohs(at.sin_port);
	if (!o.connection_limit)
		o.connection_limit = 50;
	check_ok(http_server_start(&o, &handler, &f->server, &e), &e);
	return f;
}

static void stop(struct fixture *f)
{
	http_server_quiesce(f->server);
	http_server_stop(f->server, 200);
	test_free(f);
}

static int dial(const struct fixture *f)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(f->port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* What comes within `ms`, or until `enough` stands in it, or the end. */
static size_t hear(int fd, char *to, size_t room, int ms, const char *enough)
{
	int64_t end = clock_monotonic_ms() + ms;
	size_t n = 0;

	to[0] = '\0';
	while (n + 1 < room && !(enough && strstr(to, enough))) {
		struct pollfd p = { fd, POLLIN, 0 };
		int64_t left = end - clock_monotonic_ms();
		ssize_t got;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		got = recv(fd, to + n, room - n - 1, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
		to[n] = '\0';
	}
	return n;
}

static bool say(int fd, const char *bytes, size_t n)
{
	return send(fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static bool is_closed(int fd, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char c;

	return poll(&p, 1, ms) > 0 && recv(fd, &c, 1, 0) <= 0;
}

/* ---- tests ---- */

/* Each of them must give one 400 and the end, and never the answer of a second request. */
static void smuggled_requests_are_refused(void **state UNUSED)
{
#define SECOND "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
	static const char *const raw[] = {
		"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: "
		"chunked\r\n\r\n0\r\n\r\n" SECOND,
		"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: "
		"40\r\n\r\n" SECOND,
		"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, "
		"chunked\r\n\r\n0\r\n\r\n" SECOND,
		"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
		"xchunked\r\n\r\n0\r\n\r\n" SECOND,
		"GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" SECOND,
		"GET /a HTTP/1.1\r\nHost: a\r\nX\x01Y: b\r\n\r\n" SECOND,
		"GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n" SECOND,
	};
	struct fixture *f = start(NULL);

	for (size_t i = 0; i < ARRAY_LEN(raw); i++) {
		char answer[8192];
		int fd = dial(f);

		check_true(say(fd, raw[i], strlen(raw[i])));
		hear(fd, answer, sizeof(answer), 1000, "smuggled");
		if (!strstr(answer, " 400 ") || strstr(answer, "/smuggled 0"))
			fail_msg("case %zu: %s", i, answer);
		close(fd);
	}
	stop(f);
}

/* A head of a POST to /take whose body has `length` bytes, and `sent` of them. */
static int post(const struct fixture *f, size_t length, size_t sent)
{
	char *bytes = test_calloc(1, sent + 1);
	char head[200];
	int fd = dial(f);

	snprintf(head, sizeof(head),
		 "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", length);
	check_true(say(fd, head, strlen(head)));
	check_true(say(fd, bytes, sent));
	test_free(bytes);
	return fd;
}

static void check_answer(int fd, const char *part)
{
	char answer[8192];

	hear(fd, answer, sizeof(answer), 10000, part);
	if (!strstr(answer, part))
		fail_msg("not %s: %s", part, answer);
	close(fd);
}

static void large_bodies_share_a_budget_and_small_ones_need_none(void **state UNUSED)
{
	const struct http_server_options options = { .bodies_limit = 600u << 10 };
	struct fixture *f = start(&options);
	struct http_counts counts;
	int slow = post(f, 900000, 700000);

	/* The slow one holds its share when a second does not fit beside it. */
	for (int i = 0; i < 1000; i++) {
		char answer[8192];
		int fd = post(f, 400000, 400000);

		hear(fd, answer, sizeof(answer), 10000, "\n");
		close(fd);
		if (strstr(answer, " 503 "))
			break;
		assert_true(i < 999);
	}
	check_answer(post(f, 100000, 100000), "/take 100000");
	close(slow);
	for (int i = 0; i < 10000; i++) {
		http_server_count(f->server, &counts);
		if (counts.open == 0)
			break;
		poll(NULL, 0, 1);
	}
	check_answer(post(f, 400000, 400000), "/take 400000");
	stop(f);
}

/* libmicrohttpd ends a value at a NUL: what is checked is what is used. */
static void a_nul_ends_a_headers_value_and_hides_no_request(void **state UNUSED)
{
	static const char raw[] = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 2\0"
				  "40\r\n\r\nab" SECOND;
	struct fixture *f = start(NULL);
	char answer[8192];
	int fd = dial(f);

	check_true(say(fd, raw, sizeof(raw) - 1));
	hear(fd, answer, sizeof(answer), 10000, "/smuggled 0");
	check_true(strstr(answer, "/take 2") || strstr(answer, " 400 "));
	close(fd);
	stop(f);
}

static void a_space_before_the_colon_is_refused(void **state UNUSED)
{
	static const char raw[] =
		"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n"
		"0\r\n\r\n" SECOND;
	struct fixture *f = start(NULL);
	char answer[8192];
	int fd = dial(f);

	check_true(say(fd, raw, sizeof(raw) - 1));
	hear(fd, answer, sizeof(answer), 1000, "smuggled");
	check_true(strstr(answer, " 400 ") != NULL);
	check_true(strstr(answer, "/smuggled 0") == NULL);
	close(fd);
	stop(f);
}

static void head_of_a_stream_leaves_the_connection_in_step(void **state UNUSED)
{
	static const char raw[] = "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n"
				  "GET /after HTTP/1.1\r\nHost: a\r\n\r\n";
	struct fixture *f = start(NULL);
	char answer[8192];
	char *second;
	int fd = dial(f);

	check_true(say(fd, raw, sizeof(raw) - 1));
	hear(fd, answer, sizeof(answer), 2000, "/after 0");
	second = strstr(answer, "\r\n\r\n");
	assert_non_null(second);
	check_true(strncmp(second + 4, "HTTP/1.1 200", 12) == 0);
	assert_non_null(strstr(second, "/after 0 127.0.0.1"));
	close(fd);
	stop(f);
}

static void an_early_answer_reaches_a_client_that_still_sends(void **state UNUSED)
{
	static const char head[] =
		"POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 6000000\r\n\r\n";
	struct fixture *f = start(NULL);
	char answer[4096];
	char *block = test_calloc(1, 100000);
	int fd = dial(f);

	check_true(say(fd, head, sizeof(head) - 1));
	for (int i = 0; i < 60 && say(fd, block, 100000); i++)
		;
	hear(fd, answer, sizeof(answer), 2000, "refused\n");
	assert_non_null(strstr(answer, " 403 "));
	assert_non_null(strstr(answer, "refused"));
	close(fd);
	test_free(block);
	stop(f);
}

static void bodies_are_taken_chunked_and_packed_and_not_beyond_the_limit(void **state UNUSED)
{
	static const char chunked[] =
		"POST /take HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
	static const char broken[] = "POST /take HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
				     "Content-Length: 5\r\n\r\nhello";
	static const char large[] =
		"POST /take HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n";
	static const char none[] = "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx";
	static const struct {
		const char *raw;
		const char *wanted;
	} cases[] = {
		{ chunked, "/take 5" }, { broken, "gzip" }, { large, " 413 " }, { none, " 413 " }
	};
	struct fixture *f = start(NULL);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char answer[4096];
		int fd = dial(f);

		check_true(say(fd, cases[i].raw, strlen(cases[i].raw)));
		hear(fd, answer, sizeof(answer), 2000, cases[i].wanted);
		if (!strstr(answer, cases[i].wanted))
			fail_msg("case %zu: %s", i, answer);
		close(fd);
	}
	stop(f);
}

/* A byte now and then keeps nothing open. */
static void a_slow_head_is_cut(void **state UNUSED)
{
	struct http_server_options o = { .head_ms = 700 };
	struct fixture *f = start(&o);
	struct http_counts counts;
	int fd = dial(f);

	check_true(say(fd, "GET / HT", 8));
	for (int i = 0; i < 100 && !is_closed(fd, 100); i++)
		(void)say(fd, "T", 1);
	http_server_count(f->server, &counts);
	check_int(counts.swept, 1);
	close(fd);
	stop(f);
}

static void one_address_has_its_share(void **state UNUSED)
{
	struct http_server_options o = { .per_address_limit = 3 };
	struct fixture *f = start(&o);
	struct http_counts counts;
	int fds[4];
	char answer[4096];

	for (int i = 0; i < 3; i++) {
		fds[i] = dial(f);
		check_true(say(fds[i], "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", 28));
		hear(fds[i], answer, sizeof(answer), 2000, "/a 0");
		assert_non_null(strstr(answer, "/a 0"));
	}
	fds[3] = dial(f);
	check_true(is_closed(fds[3], 2000));
	http_server_count(f->server, &counts);
	check_int(counts.refused, 1);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
	stop(f);
}

static void stopping_wakes_answers_that_wait(void **state UNUSED)
{
	struct fixture *f = start(NULL);
	int fds[20];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		char answer[1024];

		fds[i] = dial(f);
		check_true(say(fds[i], "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", 31));
		if (i == 0)
			hear(fds[i], answer, sizeof(answer), 300, "\r\n\r\n");
	}
	http_server_quiesce(f->server);
	http_server_stop(f->server, 200);
	check_int(atomic_load(&f->overslept), 0);
	test_free(f);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

RUN_TESTS(TEST(smuggled_requests_are_refused),
	  TEST(large_bodies_share_a_budget_and_small_ones_need_none),
	  TEST(a_nul_ends_a_headers_value_and_hides_no_request),
	  TEST(a_space_before_the_colon_is_refused),
	  TEST(head_of_a_stream_leaves_the_connection_in_step),
	  TEST(an_early_answer_reaches_a_client_that_still_sends),
	  TEST(bodies_are_taken_chunked_and_packed_and_not_beyond_the_limit),
	  TEST(a_slow_head_is_cut), TEST(one_address_has_its_share),
	  TEST(stopping_wakes_answers_that_wait))
