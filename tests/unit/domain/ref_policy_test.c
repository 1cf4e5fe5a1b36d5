#include "domain/ref_policy.h"

#include "support/check.h"

static struct protected_ref main_rule = { .kind = PROTECTED_BRANCH,
					  .pattern = { "main", 4 },
					  .push_level = LEVEL_MAINTAINER,
					  .merge_level = LEVEL_DEVELOPER,
					  .force_level = LEVEL_NONE };
static struct protected_ref release_rule = { .kind = PROTECTED_BRANCH,
					     .pattern = { "release/*", 9 },
					     .push_level = LEVEL_NONE,
					     .merge_level = LEVEL_OWNER,
					     .force_level = LEVEL_OWNER };
static struct protected_ref tag_rule = { .kind = PROTECTED_TAG,
					 .pattern = { "v*", 2 },
					 .push_level = LEVEL_MAINTAINER,
					 .merge_level = LEVEL_MAINTAINER,
					 .force_level = LEVEL_NONE };
static struct protected_ref *rules[] = { &main_rule, &release_rule, &tag_rule };

static struct ref_policy policy_for(enum access_level level)
{
	return (struct ref_policy){ .level = level,
				    .project_path = STR("team/app"),
				    .default_branch = STR("trunk"),
				    .protected_refs = { rules, ARRAY_LEN(rules) } };
}

struct policy_case {
	enum access_level level;
	const char *name;
	enum ref_change change;
	enum ref_door door;
	enum err_code code;
	const char *part;
};

static void run_cases(const struct policy_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct policy_case *c = &cases[i];
		const struct ref_policy policy = policy_for(c->level);
		const struct ref_request request = { str_c(c->name), c->change, c->door };
		struct err e = { 0 };
		int code = ref_policy_check(&policy, &request, &e);

		if (code != -(int)c->code || !strstr(e.text, c->part))
			fail_msg("case %zu, %s: got %s \"%s\"", i, c->name, err_name(e.code),
				 e.text);
	}
}

static void the_rules_of_protection_hold(void **state UNUSED)
{
	static const struct policy_case cases[] = {
		{ LEVEL_DEVELOPER, "refs/heads/topic", REF_CREATE, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_DEVELOPER, "refs/heads/topic", REF_UPDATE, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_DEVELOPER, "refs/heads/topic", REF_DELETE, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_REPORTER, "refs/heads/topic", REF_CREATE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "at least developer" },
		{ LEVEL_DEVELOPER, "refs/heads/main", REF_FORWARD, REF_BY_PUSH, ERR_FORBIDDEN,
		  "maintainers and owners may push to it. Push to another branch and open a merge "
		  "request" },
		{ LEVEL_MAINTAINER, "refs/heads/main", REF_FORWARD, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_DEVELOPER, "refs/heads/main", REF_FORWARD, REF_BY_MERGE, ERR_NONE, "" },
		{ LEVEL_OWNER, "refs/heads/main", REF_REWRITE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "nobody may rewrite its history" },
		{ LEVEL_OWNER, "refs/heads/main", REF_UPDATE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "rewrite its history" },
		{ LEVEL_OWNER, "refs/heads/main", REF_DELETE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "remove the protection" },
		{ LEVEL_OWNER, "refs/heads/release/1", REF_FORWARD, REF_BY_PUSH, ERR_FORBIDDEN,
		  "nobody may push" },
		{ LEVEL_MAINTAINER, "refs/heads/release/1", REF_FORWARD, REF_BY_MERGE,
		  ERR_FORBIDDEN, "owners may merge into it" },
		{ LEVEL_OWNER, "refs/heads/release/1/x", REF_CREATE, REF_BY_MERGE, ERR_NONE, "" },
		{ LEVEL_ADMIN, "refs/heads/main", REF_FORWARD, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_DEVELOPER, "refs/tags/v1", REF_CREATE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "maintainers and owners may create it" },
		{ LEVEL_MAINTAINER, "refs/tags/v1", REF_CREATE, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_OWNER, "refs/tags/v1", REF_FORWARD, REF_BY_PUSH, ERR_FORBIDDEN,
		  "nobody may move it" },
		{ LEVEL_OWNER, "refs/tags/v1", REF_DELETE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "protected" },
		{ LEVEL_DEVELOPER, "refs/tags/nightly", REF_REWRITE, REF_BY_PUSH, ERR_NONE, "" },
		{ LEVEL_OWNER, "refs/heads/trunk", REF_DELETE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "is the default branch" },
		{ LEVEL_DEVELOPER, "refs/tags/main", REF_CREATE, REF_BY_PUSH, ERR_FORBIDDEN,
		  "name of the protected branch main" },
		{ LEVEL_DEVELOPER, "refs/heads/v1", REF_CREATE, REF_BY_PUSH, ERR_NONE, "" },
	};

	run_cases(cases, ARRAY_LEN(cases));
}

static void our_own_and_foreign_refs_are_not_pushed(void **state UNUSED)
{
	static const char *const cases[] = {
		"refs/merge-requests/1/head",
		"refs/environments/staging/deployments/1",
		"refs/pipelines/1",
		"refs/forge/keep",
		"refs/notes/commits",
		"refs/changes/1",
		"HEAD",
		"refs/heads",
		"refs/heads/",
		"main",
		"refs/replace/x",
		"refs//heads/x",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (int change = REF_CREATE; change <= REF_UPDATE; change++) {
			const struct ref_policy policy = policy_for(LEVEL_ADMIN);
			const struct ref_request request = { str_c(cases[i]),
							     (enum ref_change)change, REF_BY_PUSH };
			struct err e = { 0 };
			bool is_empty_name = str_eq_c(request.name, "refs/heads/");

			if (ref_policy_check(&policy, &request, &e) == 0 &&
			    !(is_empty_name && change == REF_DELETE))
				fail_msg("%s was accepted", cases[i]);
		}
	}
}

static void hostile_names_are_refused(void **state UNUSED)
{
	static const char *const bad[] = {
		"--exec=id",
		"-x",
		"a/-x",
		"a b",
		"a\tb",
		"a\nb",
		"a..b",
		"a@{1}",
		"@",
		"HEAD",
		"a~1",
		"a^",
		"a:b",
		"a?b",
		"a*b",
		"a[b",
		"a\\b",
		".a",
		"a/.b",
		"a.",
		"a/b.",
		"a.lock",
		"a.lock/b",
		"a//b",
		"/a",
		"a/",
		"a\x7f",
		"\xff",
		"a\xc0\x80",
		"0123456789012345678901234567890123456789",
		"ABCDEF0123ABCDEF0123ABCDEF0123ABCDEF0123",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"refs/heads/x",
	};
	struct err e;
	char name[300];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(name, sizeof(name), "refs/heads/%s", bad[i]);
		if (ref_policy_check_name(str_c(name), &e) != -ERR_UNPROCESSABLE)
			fail_msg("\"%s\" was accepted", bad[i]);
		check_true(strstr(e.text, "Choose another name.") != NULL);
	}
}

static void ordinary_names_are_fine(void **state UNUSED)
{
	static const char *const good[] = {
		"main", "feature/x", "v1.0.0", "a-b",    "\xc3\xa9t\xc3\xa9",
		"1",    "a.b",       "x@y",    "#12",    "012345678901234567890123456789012345678",
		"a{b}", "head",      "fix/-",  "a$(id)",
	};
	struct err e;
	char name[300];

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		bool is_dash = strcmp(good[i], "fix/-") == 0;

		snprintf(name, sizeof(name), "refs/tags/%s", good[i]);
		check_int(ref_policy_check_name(str_c(name), &e) == 0, !is_dash);
	}
}

static void names_have_a_length(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e;
	char *part = arena_alloc(a, 1100);

	memset(part, 'a', 200);
	check_ok(ref_policy_check_name(arena_fmt(a, "refs/heads/%s", part), &e), &e);
	part[200] = 'a';
	check_err(ref_policy_check_name(arena_fmt(a, "refs/heads/%s", part), &e), &e,
		  ERR_UNPROCESSABLE, "200 bytes");
	memset(part, 'a', 1099);
	check_err(ref_policy_check_name(arena_fmt(a, "refs/heads/%s", part), &e), &e,
		  ERR_UNPROCESSABLE, "1,000 bytes");
	arena_close(a);
}

static void nothing_changes_in_an_archived_project(void **state UNUSED)
{
	struct ref_policy policy = policy_for(LEVEL_ADMIN);
	const struct ref_request request = { STR("refs/heads/x"), REF_CREATE, REF_BY_PUSH };
	struct err e;

	policy.is_archived = true;
	check_err(ref_policy_check(&policy, &request, &e), &e, ERR_FORBIDDEN, "is archived");
}

static void ancestry_is_asked_for_where_it_decides(void **state UNUSED)
{
	const struct ref_policy policy = policy_for(LEVEL_DEVELOPER);

	check_true(ref_policy_needs_ancestry(&policy, STR("refs/heads/main")));
	check_true(ref_policy_needs_ancestry(&policy, STR("refs/tags/v2")));
	check_false(ref_policy_needs_ancestry(&policy, STR("refs/heads/topic")));
	check_false(ref_policy_needs_ancestry(&policy, STR("refs/pipelines/1")));
}

static void patterns_match_with_stars(void **state UNUSED)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "main", "main", true },
		{ "main", "Main", false },
		{ "main", "main2", false },
		{ "*", "", true },
		{ "*", "a/b", true },
		{ "release/*", "release/1/2", true },
		{ "release/*", "release", false },
		{ "*-stable", "1-2-stable", true },
		{ "*-stable", "stable", false },
		{ "a*b*c", "axxbyyc", true },
		{ "a*b*c", "axxcyyb", false },
		{ "**", "x", true },
		{ "a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
		{ "a.c", "abc", false },
		{ "", "", true },
		{ "", "a", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (protected_ref_matches(str_c(cases[i].pattern), str_c(cases[i].name)) !=
		    cases[i].matches)
			fail_msg("case %zu: %s, %s", i, cases[i].pattern, cases[i].name);
	}
}

static void of_several_rules_the_mildest_holds(void **state UNUSED)
{
	struct protected_ref strict = { .kind = PROTECTED_BRANCH,
					.pattern = STR("*"),
					.push_level = LEVEL_NONE,
					.merge_level = LEVEL_OWNER,
					.force_level = LEVEL_NONE };
	struct protected_ref mild = { .kind = PROTECTED_BRANCH,
				      .pattern = STR("main"),
				      .push_level = LEVEL_DEVELOPER,
				      .merge_level = LEVEL_NONE,
				      .force_level = LEVEL_NONE };
	struct protected_ref *both[] = { &strict, &mild };
	const struct protected_refs refs = { both, 2 };
	struct protected_ref rule;

	check_true(protected_ref_effective(&refs, PROTECTED_BRANCH, STR("main"), &rule));
	check_int(rule.push_level, LEVEL_DEVELOPER);
	check_int(rule.merge_level, LEVEL_OWNER);
	check_int(rule.force_level, LEVEL_NONE);
	check_true(protected_ref_effective(&refs, PROTECTED_BRANCH, STR("x"), &rule));
	check_int(rule.push_level, LEVEL_NONE);
	check_false(protected_ref_effective(&refs, PROTECTED_TAG, STR("main"), &rule));
}

RUN_TESTS(TEST(the_rules_of_protection_hold), TEST(our_own_and_foreign_refs_are_not_pushed),
	  TEST(hostile_names_are_refused), TEST(ordinary_names_are_fine), TEST(names_have_a_length),
	  TEST(nothing_changes_in_an_archived_project),
	  TEST(ancestry_is_asked_for_where_it_decides), TEST(patterns_match_with_stars),
	  TEST(of_several_rules_the_mildest_holds))
