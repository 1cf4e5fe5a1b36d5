#include "render/badge.h"

#include "support/check.h"

static void a_badge_is_as_wide_as_its_words(void **state UNUSED)
{
	const struct badge badge = { .key = STR("pipeline"),
				     .value = STR("passed"),
				     .colour = "#4c1" };
	const struct view_badge v = badge_view(&badge);

	check_int(v.key_length, 43);
	check_int(v.width, v.key_width + v.value_width);
	check_int(v.key_width, 53);
	check_int(v.value_middle, v.key_width + v.value_width / 2);
	check_int(badge_text_width(STR("")), 0);
	check_int(badge_text_width(STR("\xd0\xbf\xd1\x83")), 22);
}

static void a_key_width_that_is_asked_for_holds(void **state UNUSED)
{
	const struct badge badge = {
		.key = STR("a very long key"), .value = STR("x"), .colour = "#4c1", .key_width = 20
	};
	const struct view_badge v = badge_view(&badge);

	check_int(v.key_width, 20);
	check_true(v.key_length <= 18 && v.key_length > 0);
}

static void every_state_has_its_word_and_colour(void **state UNUSED)
{
	check_str(badge_status_text(STR("success")), "passed");
	check_c(badge_status_colour(STR("failed")), "#e05d44");
	check_str(badge_status_text(STR("created")), "pending");
	check_str(badge_status_text(STR("nonsense")), "unknown");
	check_str(badge_status_text(STR("")), "unknown");
}

RUN_TESTS(TEST(a_badge_is_as_wide_as_its_words), TEST(a_key_width_that_is_asked_for_holds),
	  TEST(every_state_has_its_word_and_colour))
