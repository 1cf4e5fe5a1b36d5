#include "base/clock.h"
#include "support/check.h"

static void times_are_written_as_gitlab_writes_them(void **state UNUSED)
{
	char text[INSTANT_TEXT_MAX];

	instant_format((struct instant){ 1706719675123456 }, text);
	check_c(text, "2024-01-31T16:47:55.123Z");
	instant_format_http((struct instant){ 1706719675123456 }, text);
	check_c(text, "Wed, 31 Jan 2024 16:47:55 GMT");
	instant_format((struct instant){ -1 }, text);
	check_c(text, "1969-12-31T23:59:59.999Z");
	instant_format(instant_from_seconds(-62135596800), text);
	check_c(text, "0001-01-01T00:00:00.000Z");
}

static void times_are_parsed_with_any_offset(void **state UNUSED)
{
	static const struct {
		const char *text;
		bool ok;
		int64_t us;
	} cases[] = {
		{ "2024-01-31T16:47:55.123456Z", true, 1706719675123456 },
		{ "2024-01-31T19:47:55+03:00", true, 1706719675000000 },
		{ "2024-01-31T12:17:55-0430", true, 1706719675000000 },
		{ "2024-01-31", true, 1706659200000000 },
		{ "2024-02-29", true, 1709164800000000 },
		{ "2024-13-31", false, 0 },
		{ "2024-02-30", false, 0 },
		{ "2023-02-29T10:00:00Z", false, 0 },
		{ "2024-04-31", false, 0 },
		{ "0000-01-01T00:00:00+01:00", false, 0 },
		{ "9999-12-31T23:59:59-01:00", false, 0 },
		{ "2024-01-31T16:47:55", false, 0 },
		{ "2024-01-31T16:47:55Zx", false, 0 },
		{ "-024-01-31", false, 0 },
		{ "", false, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct instant t = { 0 };
		bool ok = instant_parse(str_c(cases[i].text), &t);

		if (ok != cases[i].ok || t.us != cases[i].us)
			fail_msg("case %zu: %s", i, cases[i].text);
	}
}

RUN_TESTS(TEST(times_are_written_as_gitlab_writes_them), TEST(times_are_parsed_with_any_offset))
