/* The raw heads that two servers read differently, each with what the check says. */
#include "http/head.h"
#include "support/check.h"

#define H(name, value)                           \
	{                                        \
		{ name, sizeof(name) - 1 },      \
		{                                \
			value, sizeof(value) - 1 \
		}                                \
	}

struct head_case {
	struct http_header headers[4];
	size_t count;
	const char *refusal; /* NULL: it passes */
};

static const struct head_case cases[] = {
	{ { H("Host", "a"), H("Content-Length", "5") }, 2, NULL },
	{ { H("Host", "a"), H("Transfer-Encoding", "chunked") }, 2, NULL },
	{ { H("Host", "a"), H("Transfer-Encoding", "CHUNKED") }, 2, NULL },
	{ { H("Content-Length", "5"), H("Content-Length", "5") }, 2, "only once" },
	{ { H("Content-Length", "5"), H("content-length", "6") }, 2, "only once" },
	{ { H("Content-Length", "5"), H("Transfer-Encoding", "chunked") }, 2, "exclude" },
	{ { H("Transfer-Encoding", "gzip, chunked") }, 1, "chunked" },
	{ { H("Transfer-Encoding", "identity") }, 1, "chunked" },
	{ { H("Transfer-Encoding", "xchunked") }, 1, "chunked" },
	{ { H("Transfer-Encoding ", "chunked") }, 1, "name" },
	{ { H("Transfer\tEncoding", "chunked") }, 1, "name" },
	{ { H("", "x") }, 1, "name" },
	{ { H("X\0Y", "x") }, 1, "name" },
	{ { H("X", "a\0b") }, 1, "control" },
	{ { H("X", "a\rb") }, 1, "control" },
	{ { H("X", "a\nContent-Length: 4") }, 1, "control" },
	{ { H("Content-Length", "+5") }, 1, "not a number" },
	{ { H("Content-Length", "-1") }, 1, "not a number" },
	{ { H("Content-Length", "0x10") }, 1, "not a number" },
	{ { H("Content-Length", "5, 5") }, 1, "not a number" },
	{ { H("Content-Length", "") }, 1, "not a number" },
	{ { H("Content-Length", "99999999999999999999") }, 1, "not a number" },
	{ { H("Host", "a"), H("Host", "b") }, 2, "only once" },
};

static void heads_that_could_be_read_two_ways_are_refused(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		int result = http_head_check(cases[i].headers, cases[i].count, STR("/"), &e);

		if ((result < 0) != (cases[i].refusal != NULL))
			fail_msg("case %zu: %d %s", i, result, e.text);
		if (result < 0 && !strstr(e.text, cases[i].refusal))
			fail_msg("case %zu: %s", i, e.text);
	}
}

static void targets_with_bytes_that_must_be_encoded_are_refused(void **state UNUSED)
{
	static const char *const bad[] = { "", "/a b", "/a\tb", "/a\\b", "/a#b", "/\x7f" };
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_err(http_head_check(NULL, 0, str_c(bad[i]), &e), &e, ERR_INVALID, "address");
	check_ok(http_head_check(NULL, 0, STR("/a%20b?c=d&e"), &e), &e);
}

static void too_many_headers_and_too_long_targets_are_refused(void **state UNUSED)
{
	struct http_header many[HTTP_HEADERS_MAX + 1];
	char target[HTTP_URI_MAX + 2];
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct http_header)H("X", "y");
	check_err(http_head_check(many, ARRAY_LEN(many), STR("/"), &e), &e, ERR_TOO_LARGE,
		  "headers");
	memset(target, 'a', sizeof(target));
	check_err(http_head_check(NULL, 0, str_n(target, sizeof(target)), &e), &e, ERR_TOO_LARGE,
		  "longer");
}

static void a_target_is_split_at_the_first_question_mark(void **state UNUSED)
{
	struct str path, query;

	http_target_split(STR("/a/b?c=d?e"), &path, &query);
	check_str(path, "/a/b");
	check_str(query, "c=d?e");
	http_target_split(STR("http://host:80/x?"), &path, &query);
	check_str(path, "/x");
	check_str(query, "");
	http_target_split(STR("https://host"), &path, &query);
	check_str(path, "/");
	check_true(str_is_none(query));
}

RUN_TESTS(TEST(heads_that_could_be_read_two_ways_are_refused),
	  TEST(targets_with_bytes_that_must_be_encoded_are_refused),
	  TEST(too_many_headers_and_too_long_targets_are_refused),
	  TEST(a_target_is_split_at_the_first_question_mark))
