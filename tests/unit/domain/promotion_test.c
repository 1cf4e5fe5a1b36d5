#include "domain/promotion.h"

#include "support/check.h"

static const struct {
	const char *default_branch, *ref, *environment;
} standings[] = {
	{ "main", "refs/heads/main", "production" },
	{ "main", "refs/heads/stage", "staging" },
	{ "main", "refs/heads/feature/x", "testing" },
	{ "main", "refs/heads/master", "testing" },
	{ "main", "refs/merge-requests/3/head", "testing" },
	{ "main", "refs/tags/v1", NULL },
	{ "main", "refs/tags/main", NULL },
	{ "main", "refs/heads/Main", "testing" },
	{ "stage", "refs/heads/stage", "production" },
	{ "trunk", "refs/heads/main", "testing" },
	{ "", "refs/heads/", "testing" },
};

static void every_ref_stands_somewhere_but_tags(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(standings); i++) {
		struct str is = promotion_environment(str_c(standings[i].default_branch),
						      str_c(standings[i].ref));

		if (standings[i].environment == NULL)
			check_true(str_is_none(is));
		else
			check_str(is, standings[i].environment);
	}
}

static const struct {
	const char *environment, *ref, *rule; /* NULL: it may */
} checks[] = {
	{ "production", "refs/heads/main", NULL },
	{ "production", "refs/heads/stage", "production is deployed only from the branch main" },
	{ "production", "refs/heads/feature", "this job runs for feature. Merge into main" },
	{ "production", "refs/tags/main", "the tag main" },
	{ "production", "refs/merge-requests/1/head", "only from the branch main" },
	{ "staging", "refs/heads/stage", NULL },
	{ "staging", "refs/heads/main", "staging is deployed only from the branch stage" },
	{ "testing", "refs/heads/feature", NULL },
	{ "testing", "refs/merge-requests/1/head", NULL },
	{ "testing", "refs/heads/main", "every branch but main and stage" },
	{ "review/x", "refs/heads/main", NULL },
	{ "Production", "refs/heads/x", NULL },
	{ "canary", "refs/tags/v1", NULL },
};

static void an_environment_of_the_path_takes_its_own_refs_only(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		struct err e = { 0 };
		int result = promotion_check(STR("main"), str_c(checks[i].environment),
					     str_c(checks[i].ref), &e);

		if (checks[i].rule == NULL)
			check_ok(result, &e);
		else
			check_err(result, &e, ERR_FORBIDDEN, checks[i].rule);
	}
}

static void a_merge_request_goes_one_step_further(void **state UNUSED)
{
	check_str(promotion_next_branch(STR("main"), STR("feature")), "stage");
	check_str(promotion_next_branch(STR("main"), STR("stage")), "main");
	check_true(str_is_none(promotion_next_branch(STR("main"), STR("main"))));
	check_true(str_is_none(promotion_next_branch(STR("stage"), STR("stage"))));
}

RUN_TESTS(TEST(every_ref_stands_somewhere_but_tags),
	  TEST(an_environment_of_the_path_takes_its_own_refs_only),
	  TEST(a_merge_request_goes_one_step_further))
