/* The small languages of ci/: expressions, patterns, globs, durations, expansion. */
#include "base/buf.h"
#include "ci/duration.h"
#include "ci/expression.h"
#include "ci/pattern.h"
#include "support/check.h"

struct expression_case {
	const char *text;
	int result; /* 1, 0, or -1 for an error */
};

static const struct expression_case expression_cases[] = {
	{ "$A", 1 },
	{ "$EMPTY", 0 },
	{ "$BLANK", 0 },
	{ "$NONE", 0 },
	{ "$FALSE", 1 },
	{ "$A == \"a\"", 1 },
	{ "$A == 'a'", 1 },
	{ "$A != \"a\"", 0 },
	{ "$NONE == null", 1 },
	{ "$EMPTY == null", 0 },
	{ "$EMPTY == \"\"", 1 },
	{ "$NONE == \"\"", 0 },
	{ "null", 0 },
	{ "true", 1 },
	{ "false", 0 },
	{ "\"a\" == $A", 1 },
	{ "$A == $A2", 1 },
	{ "$REF =~ /^feature\\/.*/", 1 },
	{ "$REF =~ /^FEATURE/i", 1 },
	{ "$REF !~ /^main$/", 1 },
	{ "$NONE =~ /.*x/", 0 },
	{ "$NONE !~ /.*x/", 1 },
	{ "$REF =~ $PATTERN", 1 },
	{ "$REF =~ $A", 1 },
	{ "$A && $NONE", 0 },
	{ "$A || $NONE", 1 },
	{ "$NONE || $A && $NONE", 0 },
	{ "$NONE || $A", 1 },
	{ "$EMPTY || $A", 0 },
	{ "$EMPTY && $A", 1 },
	{ "$A && $EMPTY", 0 },
	{ "$EMPTY != \"\" || $A", 1 },
	{ "($A || $NONE) && $A == \"a\"", 1 },
	{ "$A == \"a\" && $REF =~ /feature/ || $NONE", 1 },
	{ "  $A\t==\n\"a\"  ", 1 },
	{ "", -1 },
	{ "$A ==", -1 },
	{ "== $A", -1 },
	{ "$A $A2", -1 },
	{ "($A", -1 },
	{ "$A)", -1 },
	{ "$A =~ /x/ /y/", -1 },
	{ "$A =~ /x", -1 },
	{ "$A == \"x", -1 },
	{ "$A = \"x\"", -1 },
	{ "$A & $A2", -1 },
	{ "$REF =~ /(a+)+\\1/", -1 },
	{ "$LONG =~ /(x+x+)+[yz]/", -1 },
	{ "$REF =~ /[/", -1 },
};

static void fill(struct ci_variables *v, struct arena *a)
{
	ci_variables_init(v, a);
	ci_variables_set_text(v, "A", STR("a"));
	ci_variables_set_text(v, "A2", STR("a"));
	ci_variables_set_text(v, "EMPTY", STR(""));
	ci_variables_set_text(v, "BLANK", STR("  "));
	ci_variables_set_text(v, "FALSE", STR("false"));
	ci_variables_set_text(v, "REF", STR("feature/cart"));
	ci_variables_set_text(v, "PATTERN", STR("/cart$/"));
	ci_variables_set_text(v, "LONG", STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
}

static void expressions_are_true_false_or_wrong(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct ci_variables v;

	fill(&v, a);
	for (size_t i = 0; i < ARRAY_LEN(expression_cases); i++) {
		const struct expression_case *c = &expression_cases[i];
		struct err e = { 0 };
		bool is_true = false;
		int result = ci_expression_evaluate(a, str_c(c->text), &v, &is_true, &e);

		if ((result < 0 ? -1 : is_true) != c->result)
			fail_msg("case %zu: %s gave %d %s", i, c->text, result < 0 ? -1 : is_true,
				 e.text);
	}
	arena_close(a);
}

static void more_tokens_than_the_limit_are_refused(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 10000);
	for (int i = 0; i < 50; i++)
		buf_add_c(&b, "$A || ");
	buf_add_c(&b, "$A");
	check_err(ci_expression_check(a, buf_str(&b), &e), &e, ERR_UNPROCESSABLE, "100 tokens");
	buf_fini(&b);
	arena_close(a);
}

static void globs_match_as_ruby_fnmatch_does(void **state UNUSED)
{
	static const struct {
		const char *glob;
		const char *path;
		bool matches;
	} cases[] = {
		{ "*.c", "a.c", true },
		{ "*.c", "src/a.c", false },
		{ "**/*.c", "a.c", true },
		{ "**/*.c", "x/y/a.c", true },
		{ "src/**/*", "src/a", true },
		{ "src/**/*", "src/x/y", true },
		{ "src/**/*", "other/x", false },
		{ "src/**", "src/x/y", false },
		{ "src/*", "src/.hidden", true },
		{ "a?c", "abc", true },
		{ "a?c", "a/c", false },
		{ "[a-c]x", "bx", true },
		{ "[!a-c]x", "bx", false },
		{ "a\\*b", "a*b", true },
		{ "a\\*b", "axb", false },
		{ "**/x/**/y", "a/x/b/c/y", true },
		{ "**/x/**/y", "a/b/y", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "*", "", true },
		{ "", "", true },
		{ "Dockerfile", "Dockerfile", true },
		{ "**/a*/b", "x/ab/y/ac/b", true },
		{ "[", "[", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (ci_glob_match(str_c(cases[i].glob), str_c(cases[i].path)) != cases[i].matches)
			fail_msg("case %zu: %s on %s", i, cases[i].glob, cases[i].path);
}

static void braces_are_expanded_within_a_limit(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	struct str *globs;
	size_t count;

	check_ok(ci_glob_expand(a, STR("a/{b,c{1,2}}.x"), &globs, &count, &e), &e);
	check_int(count, 3);
	check_str(globs[0], "a/b.x");
	check_str(globs[2], "a/c2.x");
	check_ok(ci_glob_expand(a, STR("a{b"), &globs, &count, &e), &e);
	check_str(globs[0], "a{b");
	check_err(ci_glob_expand(a, STR("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), &globs, &count, &e),
		  &e, ERR_UNPROCESSABLE, "more than 100");
	arena_close(a);
}

static void durations_are_read_as_people_write_them(void **state UNUSED)
{
	static const struct {
		const char *text;
		int64_t seconds; /* 0: refused */
	} cases[] = {
		{ "1h 30m", 5400 },
		{ "3 mins 4 sec", 184 },
		{ "2h20min", 8400 },
		{ "6 mos 1 day", 15638400 },
		{ "1 week and 2 days", 777600 },
		{ "one hour", 3600 },
		{ "90", 90 },
		{ "1:30", 90 },
		{ "1.5 h", 5400 },
		{ "2 yrs", 63115200 },
		{ "", 0 },
		{ "soon", 0 },
		{ "-5", 0 },
		{ "5 parsecs", 0 },
		{ "0", 0 },
		{ "99999999999999", 0 },
		{ "never", 0 },
		{ "1:2:3:4", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t seconds = 0;
		bool ok = ci_duration_parse(str_c(cases[i].text), &seconds);

		if (ok != (cases[i].seconds > 0) || seconds != cases[i].seconds)
			fail_msg("case %zu: %s gave %lld", i, cases[i].text, (long long)seconds);
	}
}

static void known_variables_are_expanded_and_others_stay(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "$A/${B}/%A%", "one/two one/one" },
		{ "$NONE ${NONE} %NONE%", "$NONE ${NONE} %NONE%" },
		{ "$$A", "$$A" },
		{ "$RAW", "$A" },
		{ "$FILE", "$FILE" },
		{ "100% of ${A", "100% of ${A" },
		{ "$", "$" },
	};
	struct arena *a = arena_open(0);
	struct ci_variables v;

	ci_variables_init(&v, a);
	ci_variables_set_text(&v, "A", STR("one"));
	ci_variables_set_text(&v, "B", STR("two $A"));
	ci_variables_set_text(&v, "LOOP", STR("x$LOOP"));
	ci_variables_set(&v, (struct ci_variable){ STR("RAW"), STR("$A"), .is_raw = true });
	ci_variables_set(&v, (struct ci_variable){ STR("FILE"), STR("secret"), .is_file = true });
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_str(ci_variables_expand(&v, a, str_c(cases[i][0])), cases[i][1]);
	check_true(ci_variables_expand(&v, a, STR("$LOOP")).n < 100);
	check_str(ci_slug(a, STR("-Feature/Cart_2-")), "feature-cart-2");
	arena_close(a);
}

RUN_TESTS(TEST(expressions_are_true_false_or_wrong), TEST(more_tokens_than_the_limit_are_refused),
	  TEST(globs_match_as_ruby_fnmatch_does), TEST(braces_are_expanded_within_a_limit),
	  TEST(durations_are_read_as_people_write_them),
	  TEST(known_variables_are_expanded_and_others_stay))
