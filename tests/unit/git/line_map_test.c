#include "git/line_map.h"
#include "support/check.h"

/* Old: a b c d e f. New: x a b C d e f y: added before, changed, added behind. */
static const struct diff_line added[] = { { DIFF_ADD, 0, 1, { "x", 1 } } };
static const struct diff_line changed[] = {
	{ DIFF_CONTEXT, 2, 3, { "b", 1 } },
	{ DIFF_REMOVE, 3, 0, { "c", 1 } },
	{ DIFF_ADD, 0, 4, { "C", 1 } },
	{ DIFF_CONTEXT, 4, 5, { "d", 1 } },
};
static const struct diff_line behind[] = { { DIFF_ADD, 0, 8, { "y", 1 } } };

static struct diff_file file_of(struct diff_hunk *hunks, size_t count)
{
	return (struct diff_file){ .hunks = hunks, .hunks_count = count };
}

static void lines_follow_what_was_added_and_removed_before_them(void **state UNUSED)
{
	struct diff_hunk hunks[] = {
		{ .old_start = 0,
		  .old_count = 0,
		  .new_start = 1,
		  .new_count = 1,
		  .lines = (struct diff_line *)(uintptr_t)added,
		  .lines_count = 1 },
		{ .old_start = 2,
		  .old_count = 3,
		  .new_start = 3,
		  .new_count = 3,
		  .lines = (struct diff_line *)(uintptr_t)changed,
		  .lines_count = 4 },
		{ .old_start = 6,
		  .old_count = 0,
		  .new_start = 8,
		  .new_count = 1,
		  .lines = (struct diff_line *)(uintptr_t)behind,
		  .lines_count = 1 },
	};
	const struct diff_file file = file_of(hunks, ARRAY_LEN(hunks));
	static const int expected[] = { 2, 3, 0, 5, 6, 7, 9 };

	for (int line = 1; line <= (int)ARRAY_LEN(expected); line++)
		check_int(line_map(&file, line), expected[line - 1]);
}

static void a_hunk_that_only_adds_moves_what_is_behind_it(void **state UNUSED)
{
	struct diff_hunk hunk = { .old_start = 2, .old_count = 0, .new_start = 3, .new_count = 5 };
	const struct diff_file file = file_of(&hunk, 1);

	check_int(line_map(&file, 2), 2);
	check_int(line_map(&file, 3), 8);
}

static void without_hunks_nothing_moves(void **state UNUSED)
{
	const struct diff_file file = file_of(NULL, 0);

	check_int(line_map(&file, 7), 7);
}

RUN_TESTS(TEST(lines_follow_what_was_added_and_removed_before_them),
	  TEST(a_hunk_that_only_adds_moves_what_is_behind_it), TEST(without_hunks_nothing_moves))
