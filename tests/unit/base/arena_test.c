#include "base/arena.h"
#include "support/check.h"

static void add_digit(void *object)
{
	int *digits = object;

	*digits = *digits * 10 + 1;
}

static void double_it(void *object)
{
	int *digits = object;

	*digits *= 2;
}

static void memory_is_zeroed_and_aligned_at_every_size(void **state UNUSED)
{
	struct arena *a = arena_open(0);

	for (size_t size = 1; size < 100000; size = size * 3 + 1) {
		unsigned char *p = arena_alloc(a, size);

		check_int((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			check_int(p[i], 0);
		memset(p, 0xFF, size);
	}
	arena_close(a);
}

static void reset_returns_to_the_mark_and_clears(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct arena_mark mark;
	char *first;

	arena_strdup(a, "kept");
	mark = arena_mark(a);
	first = arena_alloc(a, 8);
	memset(first, 'x', 8);
	arena_alloc(a, 1 << 20);
	arena_reset(a, mark);
	check_int(arena_used(a), 16);
	check_true(arena_alloc(a, 8) == first);
	check_int(first[0], 0);
	arena_close(a);
}

static void links_close_last_first_at_reset_and_at_the_end(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct arena_mark mark;
	int digits = 0;

	arena_link(a, add_digit, &digits);
	mark = arena_mark(a);
	arena_link(a, double_it, &digits);
	arena_link(a, add_digit, &digits);
	arena_reset(a, mark);
	check_int(digits, 2);
	arena_close(a);
	check_int(digits, 21);
}

static void text_is_copied_with_a_nul(void **state UNUSED)
{
	struct arena *a = arena_open(0);

	check_c(arena_cstr(a, str_n("abcdef", 3)), "abc");
	check_c(arena_strf(a, "%s-%d", "x", 7), "x-7");
	check_true(arena_strdup(a, NULL) == NULL);
	check_true(str_is_none(arena_str(a, STR_NONE)));
	arena_close(a);
	arena_close(NULL);
}

RUN_TESTS(TEST(memory_is_zeroed_and_aligned_at_every_size),
	  TEST(reset_returns_to_the_mark_and_clears),
	  TEST(links_close_last_first_at_reset_and_at_the_end), TEST(text_is_copied_with_a_nul))
