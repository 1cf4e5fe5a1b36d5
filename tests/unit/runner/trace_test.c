#include "runner/trace.h"

#include "support/check.h"

static void a_log_that_is_cut_shows_no_part_of_a_secret(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct trace t;

	trace_init(&t, a, 1, 20);
	mask_add_secret(&t.mask, STR("hunter2000"));
	trace_write(&t, STR("password is: hunter2000, said again and again"));
	trace_say(&t, "the runner goes on");
	check_true(str_starts(buf_str(&t.bytes), STR("password is: \n")));
	check_true(str_ends(buf_str(&t.bytes), STR("the runner goes on\n")));
	trace_fini(&t);
	arena_close(a);
}

RUN_TESTS(TEST(a_log_that_is_cut_shows_no_part_of_a_secret))
