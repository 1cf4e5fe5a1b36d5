#include "support/check.h"

#include "base/buf.h"
#include "domain/task_closing.h"

static void closing_words_name_tasks(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *numbers;
	} cases[] = {
		{ "Closes #3", "3" },
		{ "closes: #3", "3" },
		{ "FIX #3, #4 and #5.", "3 4 5" },
		{ "Resolves issue #7 and issues #8, #9", "7 8 9" },
		{ "Implements team/app#12", "12" },
		{ "Implements Team/App#12", "12" },
		{ "Closes other/app#12 and #4", "4" },
		{ "Fixed https://forge.example/x/team/app/-/issues/44", "44" },
		{ "Fixed https://forge.example/steam/app/-/issues/44", "" },
		{ "Fixed https://forge.example/other/-/issues/44", "" },
		{ "Closes #3\n\nfixes #3", "3" },
		{ "encloses #3", "" },
		{ "Closes#3", "" },
		{ "Closes the door #3", "" },
		{ "See #3", "" },
		{ "Closes #3x", "" },
		{ "Closes #0", "" },
		{ "Closes #99999999999999999999", "" },
		{ "Closes #1 #2", "1 2" },
		{ "closing", "" },
		{ "", "" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct i64_list found = task_closing_find(str_c(cases[i].text), STR("team/app"), a);
		struct str text = STR("");

		for (size_t n = 0; n < found.count; n++)
			text = arena_fmt(a, "%.*s%s%lld", STR_FMT(text), n ? " " : "",
					 (long long)found.items[n]);
		if (!str_eq_c(text, cases[i].numbers))
			fail_msg("case %zu: \"%s\" names \"%.*s\"", i, cases[i].text,
				 STR_FMT(text));
	}
	arena_close(a);
}

static void a_text_full_of_words_is_bounded(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str text = STR("");
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_add_c(&out, "closes");
	for (int i = 1; i < 5000; i++)
		buf_addf(&out, " #%d", i);
	text = buf_str(&out);
	check_int(task_closing_find(text, STR("a/b"), a).count, TASK_CLOSING_MAX);
	buf_fini(&out);
	arena_close(a);
}

RUN_TESTS(TEST(closing_words_name_tasks), TEST(a_text_full_of_words_is_bounded))
