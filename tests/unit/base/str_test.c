#include "support/check.h"

static void cut_gives_every_part_and_ends(void **state UNUSED)
{
	struct str rest = STR("a,b,");
	struct str part;

	check_true(str_cut(&rest, ',', &part));
	check_str(part, "a");
	check_true(str_cut(&rest, ',', &part));
	check_str(part, "b");
	check_true(str_cut(&rest, ',', &part));
	check_str(part, "");
	check_false(str_cut(&rest, ',', &part));
}

static void numbers_are_whole_and_never_overflow(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t value;
	} cases[] = {
		{ "0", true, 0 },
		{ "-1", true, -1 },
		{ "9223372036854775807", true, INT64_MAX },
		{ "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ " 1", false, 0 },
		{ "1x", false, 0 },
		{ "+1", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t value = 0;
		bool ok = str_to_i64(str_c(cases[i].text), &value);

		if (ok != cases[i].ok || value != cases[i].value)
			fail_msg("case %zu: %s", i, cases[i].text);
	}
}

static void utf8_refuses_what_rfc_3629_refuses(void **state UNUSED)
{
	check_true(str_is_utf8_text(STR("caf\xC3\xA9 \xF0\x9F\x94\xA5")));
	check_false(str_is_utf8_text(STR("\xC0\xAF")));
	check_false(str_is_utf8_text(STR("\xED\xA0\x80")));
	check_false(str_is_utf8_text(STR("\xF4\x90\x80\x80")));
	check_false(str_is_utf8_text(STR("a\0b")));
	check_false(str_is_utf8_text(STR("\xE2\x82")));
}

static void find_and_parts_are_clamped(void **state UNUSED)
{
	check_int(str_find(STR("abc"), 'z'), 3);
	check_int(str_find_last(STR("a/b/c"), '/'), 3);
	check_int(str_find_str(STR("abcabd"), STR("abd")), 3);
	check_str(str_from(STR("abc"), 9), "");
	check_str(str_trim(STR(" \ta b\n")), "a b");
	check_true(str_eq_nocase(STR("MaIn"), STR("main")));
	check_true(str_cmp(STR("a"), STR("a.b")) < 0);
}

RUN_TESTS(TEST(cut_gives_every_part_and_ends), TEST(numbers_are_whole_and_never_overflow),
	  TEST(utf8_refuses_what_rfc_3629_refuses), TEST(find_and_parts_are_clamped))
