#include "router_match.h"
#include "support/check.h"

static const char *const patterns[] = {
	"/",
	"/{project}.git/info/refs",
	"/{project}/-/tree/{ref_path}",
	"/{project}/-/commit/{sha}.diff",
	"/{project}/-/commit/{sha}",
	"/{project}/-/settings",
	"/-/health",
	"/api/v4/projects/{project}/repository/files/{file}/raw",
	"/api/v4/projects/{project}",
	"/{project}",
};

struct match_case {
	const char *raw;
	int pattern; /* -1: none */
	const char *first;
	const char *second;
};

static const struct match_case cases[] = {
	{ "/", 0, NULL, NULL },
	{ "/a/b.git/info/refs", 1, "a/b", NULL },
	{ "/a/b/c.git/info/refs", 1, "a/b/c", NULL },
	{ "/.git/info/refs", 9, ".git/info/refs", NULL },
	{ "/g/p/-/tree/feature/x/src/main.c", 2, "g/p", "feature/x/src/main.c" },
	{ "/g/p/-/tree/feature%2Fx/a%20b", 2, "g/p", "feature/x/a b" },
	{ "/g/p/-/tree/main/", 2, "g/p", "main" },
	{ "/g/p/-/tree/-/x", 2, "g/p", "-/x" },
	{ "/g/p/-/tree", -1, NULL, NULL },
	{ "/g/p/-/tree/a//b", -1, NULL, NULL },
	{ "/g/p/-/commit/abc.diff", 3, "g/p", "abc" },
	{ "/g/p/-/commit/abc", 4, "g/p", "abc" },
	{ "/g/p/-/commit/a%2Fb", 4, "g/p", "a/b" },
	{ "/g/p/-/settings", 5, "g/p", NULL },
	{ "/g%2Fp/-/settings", -1, NULL, NULL },
	{ "/-/health", 6, NULL, NULL },
	{ "/-/nothing", -1, NULL, NULL },
	{ "/api/v4/projects/g%2Fp/repository/files/src%2Fa.c/raw", 7, "g/p", "src/a.c" },
	{ "/api/v4/projects/12", 8, "12", NULL },
	{ "/G/P", 9, "G/P", NULL },
	{ "/G/P/", 9, "G/P", NULL },
	{ "//evil", -1, NULL, NULL },
	{ "/...git/info/refs", 9, "...git/info/refs", NULL },
	{ "/g/p/-/commit/...diff", 4, "g/p", "...diff" },
};

static int match(struct arena *a, const struct url_path *path, struct path_match *m)
{
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct route_pattern p;

		route_pattern_parse(str_c(patterns[i]), &p);
		if (path_match(&p, path, a, m))
			return (int)i;
	}
	return -1;
}

static void addresses_find_their_rows(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct match_case *c = &cases[i];
		struct arena *a = arena_open(0);
		struct url_path path;
		struct path_match m;
		struct err e = { 0 };
		int got;

		check_ok(url_path_split(a, str_c(c->raw), &path, &e), &e);
		got = match(a, &path, &m);
		if (got != c->pattern)
			fail_msg("%s: row %d", c->raw, got);
		if (c->first)
			check_str(m.params[0].value, c->first);
		if (c->second)
			check_str(m.params[1].value, c->second);
		arena_close(a);
	}
}

static void paths_that_climb_or_lie_are_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		"/a/../b", "/a/%2e%2e/b", "/a/%2E./b", "/./a",  "/a/..%2fb", "/a/x%2F..%2Fb",
		"/a/%00",  "/a/%0a",      "/a/%zz",    "/a/%4", "/..",       "/a/%7F",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena *a = arena_open(0);
		struct url_path path;
		struct err e = { 0 };

		if (url_path_split(a, str_c(bad[i]), &path, &e) == 0)
			fail_msg("%s was taken", bad[i]);
		check_int(e.code, ERR_INVALID);
		arena_close(a);
	}
}

static void names_with_dots_are_no_climbing(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct url_path path;
	struct err e = { 0 };

	check_ok(url_path_split(a, STR("/g/p/-/compare/main...x/..y/.z"), &path, &e), &e);
	check_int(path.count, 7);
	check_int(path.dash, 2);
	arena_close(a);
}

RUN_TESTS(TEST(addresses_find_their_rows), TEST(paths_that_climb_or_lie_are_refused),
	  TEST(names_with_dots_are_no_climbing))
