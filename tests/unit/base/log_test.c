#include "base/fs.h"
#include "base/jsonr.h"
#include "base/log.h"
#include "support/check.h"

static struct str logged(struct arena *a, struct log log, const char *value, enum log_level level)
{
	int pipe_fds[2];
	char *line = arena_alloc(a, 16384);
	ssize_t n;

	check_int(pipe(pipe_fds), 0);
	log.fd = pipe_fds[1];
	LOG(&log, level, "push", F_C("project", value), F_INT("refs", 2));
	close(pipe_fds[1]);
	n = read(pipe_fds[0], line, 16384);
	close(pipe_fds[0]);
	return str_n(line, n > 0 ? (size_t)n : 0);
}

static void a_line_is_one_json_object(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct log log = { -1, LOG_INFO, false, "web" };
	struct str line = logged(a, log, "a/b\n\x1b[31m\"", LOG_INFO);
	const struct jsonr *j;
	struct err e = { 0 };

	check_true(str_ends(line, STR("\n")));
	check_int(str_find(line, '\n'), line.n - 1);
	check_ok(jsonr_parse(a, line, &j, &e), &e);
	check_str(jsonr_text(jsonr_get(j, "event")), "push");
	check_str(jsonr_text(jsonr_get(j, "role")), "web");
	check_str(jsonr_text(jsonr_get(j, "project")), "a/b\n\x1b[31m\"");
	arena_close(a);
}

static void a_terminal_never_gets_raw_escapes(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct log log = { -1, LOG_INFO, true, "web" };
	struct str line = logged(a, log, "\x1b[31m", LOG_WARN);

	check_false(str_has(line, '\x1b'));
	check_true(str_find_str(line, STR("warn")) < line.n);
	arena_close(a);
}

static void what_is_below_the_level_is_left_out(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct log log = { -1, LOG_WARN, false, "web" };

	check_int(logged(a, log, "x", LOG_INFO).n, 0);
	arena_close(a);
}

static void a_line_that_is_too_long_stays_json(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct log log = { -1, LOG_INFO, false, "web" };
	char *value = arena_alloc(a, 10001);
	const struct jsonr *j;
	struct err e = { 0 };

	memset(value, 'x', 10000);
	check_ok(jsonr_parse(a, logged(a, log, value, LOG_ERROR), &j, &e), &e);
	check_str(jsonr_text(jsonr_get(j, "event")), "push");
	arena_close(a);
}

RUN_TESTS(TEST(a_line_is_one_json_object), TEST(a_terminal_never_gets_raw_escapes),
	  TEST(what_is_below_the_level_is_left_out), TEST(a_line_that_is_too_long_stays_json))
