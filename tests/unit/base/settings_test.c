#include "support/check.h"

#include "base/settings.h"

struct target {
	const char *listen;
	const char *url;
	int64_t count;
	int64_t size;
	int64_t wait;
	bool on;
	int mode;
	struct str_list names;
	const char *secret;
};

#define ROW(section, type, key, preset, min, max, choices)                               \
	{                                                                                \
		section, #key, SETTING_##type, preset, min, max, choices, "A sentence.", \
			offsetof(struct target, key)                                     \
	}

static const struct setting rows[] = {
	ROW("server", ADDRESS, listen, "127.0.0.1:80", 0, 0, NULL),
	ROW("server", URL, url, "", 0, 200, NULL),
	ROW("server", NUMBER, count, "8", 1, 100, NULL),
	ROW("server", SIZE, size, "64k", 1, INT64_MAX, NULL),
	ROW("other", DURATION, wait, "1h", 1, 1000000, NULL),
	ROW("other", BOOL, on, "no", 0, 0, NULL),
	ROW("other", CHOICE, mode, "auto", 0, 0, "auto|required|off"),
	ROW("other", LIST, names, "", 0, 4, NULL),
	ROW("other", SECRET, secret, "", 0, 10, NULL),
};
static const struct settings_table table = { rows, ARRAY_LEN(rows), "SETTINGS_TEST_" };
static const struct settings_table *const tables[] = { &table };

struct read {
	struct arena *a;
	struct target target;
	struct setting_value values[ARRAY_LEN(rows)];
	struct settings_problems problems;
	struct settings_file file;
};

static struct read *read_settings(const char *text)
{
	struct arena *a = arena_open(0);
	struct read *r = ARENA_NEW(a, struct read);

	r->a = a;
	settings_parse(a, str_c(text), &r->file, &r->problems);
	settings_unknown(a, tables, 1, &r->file, &r->problems);
	settings_apply(a, &table, &r->file, STR_NONE, &r->target, r->values, &r->problems);
	return r;
}

static void every_type_is_read(void **state UNUSED)
{
	struct read *r = read_settings("# comment\n[server]\nlisten = [::1]:81\n"
				       "url=https://example.org/hearth\ncount = 3 \nsize = 2M\n"
				       "[other]\r\nwait = 90s\non = yes\nmode = off\n"
				       "names = a, b  c\nsecret = \"x \\\" y\"\n");

	check_int(r->problems.count, 0);
	check_c(r->target.listen, "[::1]:81");
	check_c(r->target.url, "https://example.org/hearth");
	check_int(r->target.count, 3);
	check_int(r->target.size, 2 << 20);
	check_int(r->target.wait, 90);
	check_true(r->target.on);
	check_int(r->target.mode, 2);
	check_int(r->target.names.count, 3);
	check_str(r->target.names.items[2], "c");
	check_c(r->target.secret, "x \" y");
	check_int(r->values[0].origin, SETTING_FROM_FILE);
	check_int(r->values[0].line, 3);
	arena_close(r->a);
}

static void every_mistake_is_told_with_its_line(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *problem;
	} cases[] = {
		{ "count = 1\n", "line 1: count stands in no [section]" },
		{ "[server]\ncount\n", "line 2: write `key = value`" },
		{ "[server]\nCount = 1\n", "line 2: write `key = value`" },
		{ "[server]\ncount = 0\n", "line 2: count is \"0\"; it must be 1 to 100" },
		{ "[server]\ncount = 1x\n", "line 2: count is \"1x\"" },
		{ "[server]\ncount = 1\ncount = 2\n", "line 3: count is set already in line 2" },
		{ "[server]\nconut = 1\n", "line 2: there is no setting conut" },
		{ "[sever]\ncount = 1\n", "line 1: there is no section [sever]" },
		{ "[other]\ncount = 1\n", "line 2: count belongs to [server]" },
		{ "[SERVER]\n", "line 1: \"[SERVER]\" is no section" },
		{ "[server]\nlisten = here\n", "it must be HOST:PORT" },
		{ "[server]\nlisten = ::1:80\n", "it must be HOST:PORT" },
		{ "[server]\nlisten = a:70000\n", "it must be HOST:PORT" },
		{ "[server]\nurl = example.org\n", "it must be an address like https://" },
		{ "[server]\nurl = http://a/b/\n", "without a slash at the end" },
		{ "[server]\nurl = http://u:p@a\n", "it must be an address like https://" },
		{ "[server]\nsize = 9999999999T\n", "bytes (or with k, M, G, T)" },
		{ "[other]\nwait = 2w\n", "seconds (or with s, m, h, d)" },
		{ "[other]\non = maybe\n", "it must be true or false" },
		{ "[other]\nmode = on\n", "it must be one of auto|required|off" },
		{ "[other]\nnames = a b c d e\n", "it must be 0 to 4 words" },
		{ "[other]\nsecret = \"open\n", "has no closing quote" },
		{ "[other]\nsecret = \xff\n", "line 2: this is no UTF-8 text" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct read *r = read_settings(cases[i].text);

		if (r->problems.count != 1 || !strstr(r->problems.items[0].p, cases[i].problem))
			fail_msg("case %zu: %zu problems, first: %s", i, r->problems.count,
				 r->problems.count ? r->problems.items[0].p : "");
		arena_close(r->a);
	}
}

static void a_secret_is_never_repeated_in_a_message(void **state UNUSED)
{
	struct read *r = read_settings("[other]\nsecret = longer-than-ten\n");

	check_int(r->problems.count, 1);
	check_true(!strstr(r->problems.items[0].p, "longer"));
	arena_close(r->a);
}

static void the_environment_goes_before_the_file(void **state UNUSED)
{
	struct read *r;

	setenv("SETTINGS_TEST_COUNT", "5", 1);
	setenv("SETTINGS_TEST_MODE", "bad", 1);
	r = read_settings("[server]\ncount = 3\n");
	unsetenv("SETTINGS_TEST_COUNT");
	unsetenv("SETTINGS_TEST_MODE");
	check_int(r->target.count, 5);
	check_int(r->values[2].origin, SETTING_FROM_ENVIRONMENT);
	check_int(r->problems.count, 1);
	check_true(strstr(r->problems.items[0].p, "environment SETTINGS_TEST_MODE: mode is"));
	check_int(r->target.mode, 0);
	arena_close(r->a);
}

static void labelled_sections_are_read_one_by_one(void **state UNUSED)
{
	struct read *r = read_settings("[other fast]\nmode = off\n[other slow]\nmode = required\n");
	struct target t;

	check_int(r->problems.count, 0);
	check_int(r->target.mode, 0);
	settings_apply(r->a, &table, &r->file, STR("slow"), &t, NULL, &r->problems);
	check_int(t.mode, 1);
	settings_apply(r->a, &table, &r->file, STR("fast"), &t, NULL, &r->problems);
	check_int(t.mode, 2);
	arena_close(r->a);
}

static void check_tells_the_first_problem_and_how_many(void **state UNUSED)
{
	struct read *r = read_settings("[server]\ncount = 0\nsize = x\n");
	struct err e = { 0 };

	check_err(settings_check(&r->problems, "a.conf", &e), &e, ERR_INVALID,
		  "a.conf: line 2: count is \"0\"");
	check_true(strstr(e.text, "and 1 more"));
	arena_close(r->a);
}

RUN_TESTS(TEST(every_type_is_read), TEST(every_mistake_is_told_with_its_line),
	  TEST(a_secret_is_never_repeated_in_a_message), TEST(the_environment_goes_before_the_file),
	  TEST(labelled_sections_are_read_one_by_one),
	  TEST(check_tells_the_first_problem_and_how_many))
