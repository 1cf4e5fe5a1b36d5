#include "support/check.h"

#include "render/reference.h"

#define T(n) "[#" n "](u/-/issues/" n ")"
#define M(n) "[!" n "](u/-/merge_requests/" n ")"

static void references_become_links_outside_of_code(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *result;
	} cases[] = {
		{ "Closes #3, see !4.", "Closes " T("3") ", see " M("4") "." },
		{ "(#3)", "(" T("3") ")" },
		{ "#3", T("3") },
		{ "a#3 #3a #0 #x #1234567890", "a#3 #3a #0 #x #1234567890" },
		{ "`#3` #4", "`#3` " T("4") },
		{ "``a ` #3`` #4", "``a ` #3`` " T("4") },
		{ "```\n#3\n```\n#4", "```\n#3\n```\n" T("4") },
		{ "~~~ c\n#3\n```\n#3\n~~~\n#4", "~~~ c\n#3\n```\n#3\n~~~\n" T("4") },
		{ "    #3", "    #3" },
		{ "\t#3\n#4", "\t#3\n" T("4") },
		{ "[#3](x) [x](#3)", "[#3](x) [x](#3)" },
		{ "&#39; \\#3 x/#3 https://h/p#3", "&#39; \\#3 x/#3 https://h/p#3" },
		{ "", "" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct str got = reference_links(str_c(cases[i].text), STR("u"), 4096, a);

		if (!str_eq_c(got, cases[i].result))
			fail_msg("case %zu: %.*s", i, STR_FMT(got));
	}
	arena_close(a);
}

static void a_text_that_would_grow_too_long_stays(void **state UNUSED)
{
	struct arena *a = arena_open(0);

	check_str(reference_links(STR("#1 #2 #3"), STR("u"), 20, a), "#1 #2 #3");
	arena_close(a);
}

RUN_TESTS(TEST(references_become_links_outside_of_code),
	  TEST(a_text_that_would_grow_too_long_stays))
