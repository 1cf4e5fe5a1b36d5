/* Conditional requests, ranges and gzip, on an exchange without a socket. */
#include "http/http.h"
#include "support/check.h"

struct fixture {
	struct http_exchange x;
	struct http_header headers[4];
};

static struct fixture *ask(enum http_method method, const char *name, const char *value)
{
	struct arena *a = arena_open(0);
	struct fixture *f = ARENA_NEW(a, struct fixture);

	f->x.arena = a;
	f->x.head.method = method;
	f->x.head.headers = f->headers;
	f->x.head.headers_count = 1;
	f->headers[0] = (struct http_header){ str_c(name), str_c(value) };
	return f;
}

static void an_unchanged_answer_is_not_sent_again(void **state UNUSED)
{
	struct fixture *f = ask(HTTP_GET, "If-None-Match", "\"x\", \"v1\"");

	http_respond(&f->x, 200, "text/plain", STR("hello"));
	http_set_header(&f->x.response, "ETag", STR("\"v1\""));
	http_complete(&f->x);
	check_int(f->x.response.status, 304);
	check_int(f->x.response.bytes.n, 0);
	check_str(http_response_header(&f->x.response, "etag"), "\"v1\"");
	arena_close(f->x.arena);
}

static void a_range_of_bytes_is_cut_out(void **state UNUSED)
{
	struct fixture *f = ask(HTTP_GET, "Range", "bytes=1-3");

	http_respond(&f->x, 200, "text/plain", STR("hello"));
	http_complete(&f->x);
	check_int(f->x.response.status, 206);
	check_str(f->x.response.bytes, "ell");
	check_str(http_response_header(&f->x.response, "Content-Range"), "bytes 1-3/5");
	arena_close(f->x.arena);
	f = ask(HTTP_GET, "Range", "bytes=9-");
	http_respond(&f->x, 200, "text/plain", STR("hello"));
	http_complete(&f->x);
	check_int(f->x.response.status, 416);
	check_str(http_response_header(&f->x.response, "Content-Range"), "bytes */5");
	arena_close(f->x.arena);
}

static void only_text_without_secrets_is_compressed(void **state UNUSED)
{
	char text[4096];

	memset(text, 'a', sizeof(text));
	for (int i = 0; i < 3; i++) {
		struct fixture *f = ask(HTTP_GET, "Accept-Encoding", "br, gzip;q=0.8");
		struct http_response *r = &f->x.response;

		http_respond(&f->x, 200, i == 1 ? "image/png" : "text/html; charset=utf-8",
			     str_n(text, sizeof(text)));
		r->may_compress = i != 2;
		http_complete(&f->x);
		check_true((r->bytes.n < 1000) == (i == 0));
		check_true(str_eq_c(http_response_header(r, "Content-Encoding"), "gzip") ==
			   (i == 0));
		arena_close(f->x.arena);
	}
}

static void a_header_that_cannot_be_written_makes_a_500(void **state UNUSED)
{
	struct fixture *f = ask(HTTP_GET, "X", "y");

	http_respond(&f->x, 200, "text/plain", STR("hello"));
	http_set_header(&f->x.response, "Location", STR("/a\r\nSet-Cookie: x"));
	http_complete(&f->x);
	check_int(f->x.response.status, 500);
	check_true(str_is_none(http_response_header(&f->x.response, "Location")));
	arena_close(f->x.arena);
}

RUN_TESTS(TEST(an_unchanged_answer_is_not_sent_again), TEST(a_range_of_bytes_is_cut_out),
	  TEST(only_text_without_secrets_is_compressed),
	  TEST(a_header_that_cannot_be_written_makes_a_500))
