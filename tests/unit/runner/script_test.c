#include "runner/script.h"
#include "support/check.h"

static const struct script_place place = { .builds = "/b",
					   .project = "/b/team/app",
					   .files = "/b/files" };

static struct str sources(struct arena *a, const char *url)
{
	const struct job job = { .repo_url = str_c(url), .sha = STR("0123456789abcdef") };
	struct err e = { 0 };
	struct str text;
	struct buf out;

	buf_init(&out, 65536);
	check_ok(script_sources(a, &job, &place, &out, &e), &e);
	text = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return text;
}

static bool holds(struct str text, const char *part)
{
	return str_find_str(text, str_c(part)) < text.n;
}

static void the_token_is_no_argument_of_git(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str text = sources(a, "https://gitlab-ci-token:glcbt-abc@forge:8443/team/app.git");

	check_false(holds(text, "glcbt-abc"));
	check_true(holds(text, "'https://forge:8443/team/app.git'"));
	/* gitlab-ci-token:glcbt-abc */
	check_true(holds(text, "Authorization: Basic %s"));
	check_true(holds(text, "'Z2l0bGFiLWNpLXRva2VuOmdsY2J0LWFiYw=='"));
	arena_close(a);
}

static void a_url_without_credentials_is_taken_as_it_is(void **state UNUSED)
{
	static const char *const urls[] = { "https://forge/team/a@b.git", "/srv/site.bundle",
					    "git@forge:team/app.git", "" };
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct str text = sources(a, urls[i]);

		check_true(holds(text, arena_strf(a, "'%s' >> .git/config", urls[i])));
		check_false(holds(text, "Authorization"));
	}
	arena_close(a);
}

/* Each refers to the next a thousand times, and the last is empty: no byte would come of it. */
static void values_that_multiply_come_to_an_end(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct job_variable variables[5] = { 0 };
	const struct job job = { .variables = variables, .variable_count = ARRAY_LEN(variables) };

	for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
		struct buf value;

		buf_init(&value, 4096);
		for (size_t n = 0; n < 1000 && i + 1 < ARRAY_LEN(variables); n++)
			buf_addf(&value, "$%c", (int)('B' + i));
		variables[i].key = arena_fmt(a, "%c", (int)('A' + i));
		variables[i].value = arena_str(a, buf_str(&value));
		buf_fini(&value);
	}
	check_str(script_expand(a, &job, &place, STR("<$A>")), "<$A>");
	check_str(script_expand(a, &job, &place, STR("<$E$D>")), "<>");
	arena_close(a);
}

RUN_TESTS(TEST(the_token_is_no_argument_of_git), TEST(a_url_without_credentials_is_taken_as_it_is),
	  TEST(values_that_multiply_come_to_an_end))
