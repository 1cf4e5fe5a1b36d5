/* Which commit messages ask for no pipeline. */
#include "domain/pipeline_plan.h"

#include "support/check.h"

static void a_message_skips_by_gitlabs_words_alone(void **state UNUSED)
{
	static const struct {
		const char *message;
		bool skips;
	} cases[] = {
		{ "", false },
		{ "Tidy", false },
		{ "[skip ci]", true },
		{ "Tidy [ci skip]", true },
		{ "Tidy\n\nbecause [CI-Skip] of it", true },
		{ "[skip_ci] x", true },
		{ "[a][Skip-CI]", true },
		{ "[[skip ci]", true },
		{ "skip ci", false },
		{ "[skip ci", false },
		{ "[skip  ci]", false },
		{ "[ci skipped]", false },
		{ "[", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (pipeline_message_skips(str_c(cases[i].message)) != cases[i].skips)
			fail_msg("\"%s\"", cases[i].message);
}

RUN_TESTS(TEST(a_message_skips_by_gitlabs_words_alone))
