#include "domain/environment.h"

#include "support/check.h"

static void a_tier_is_guessed_from_the_name(void **state UNUSED)
{
	static const struct {
		const char *name;
		enum environment_tier tier;
	} cases[] = {
		{ "production", ENVIRONMENT_PRODUCTION },
		{ "prod-eu", ENVIRONMENT_PRODUCTION },
		{ "LIVE", ENVIRONMENT_PRODUCTION },
		{ "staging", ENVIRONMENT_STAGING },
		{ "stg/2", ENVIRONMENT_STAGING },
		{ "testing", ENVIRONMENT_TESTING },
		{ "QA", ENVIRONMENT_TESTING },
		{ "review/x", ENVIRONMENT_DEVELOPMENT },
		{ "dev", ENVIRONMENT_DEVELOPMENT },
		{ "canary", ENVIRONMENT_OTHER },
		{ "pre-prod", ENVIRONMENT_STAGING },
		{ "", ENVIRONMENT_OTHER },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_int(environment_tier_guess(str_c(cases[i].name)), cases[i].tier);
}

static void a_slug_is_short_and_fit_for_a_host_name(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str one = environment_slug(a, STR("review/a-very-long-branch-name-of-somebody"));
	struct str other = environment_slug(a, STR("review/a-very-long-branch-name-of-another"));

	check_str(environment_slug(a, STR("production")), "production");
	check_str(environment_slug(a, STR("review-x")), "review-x");
	/* As GitLab has them. */
	check_str(environment_slug(a, STR("review/x")), "review-x-n5c54v");
	check_str(environment_slug(a, STR("review//--x-")), "review-x-wwm17k");
	check_str(environment_slug(a, STR("1")), "env-1-x3mbm3");
	check_str(environment_slug(a, STR("Prod")), "prod-njlta9");
	check_str(environment_slug(a, STR("PROD")), "prod-dkw4c1");
	check_str(environment_slug(a, STR("--")), "env-ljte98");
	check_str(one, "review-a-very-lon-6eski5");
	check_int(other.n, 24);
	arena_close(a);
}

static void a_name_that_is_no_name_is_refused(void **state UNUSED)
{
	static const char *const bad[] = { "", "/x", "x/", "a;b", "a\nb", "é" };
	struct err e = { 0 };

	check_ok(environment_check_name(STR("review/feature_1.2 b"), &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_err(environment_check_name(str_c(bad[i]), &e), &e, ERR_UNPROCESSABLE,
			  "cannot be the name");
}

RUN_TESTS(TEST(a_tier_is_guessed_from_the_name), TEST(a_slug_is_short_and_fit_for_a_host_name),
	  TEST(a_name_that_is_no_name_is_refused))
