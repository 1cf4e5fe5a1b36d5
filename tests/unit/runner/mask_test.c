#include "runner/mask.h"
#include "support/check.h"

/* The text, cut into pieces of `piece` bytes, through a mask of these secrets. */
static struct str masked(struct arena *a, const char *text, size_t piece)
{
	struct str rest = str_c(text);
	struct str result;
	struct mask m;
	struct buf out;

	mask_init(&m, a, 8);
	mask_add_secret(&m, STR("hunter2"));
	mask_add_secret(&m, STR("hunter2000"));
	mask_add_secret(&m, STR("aab"));
	mask_add_prefix(&m, STR("glpat-"));
	buf_init(&out, 10000);
	for (; rest.n > 0; rest = str_from(rest, piece))
		mask_write(&m, str_upto(rest, piece), &out);
	mask_flush(&m, &out);
	result = arena_str(a, buf_str(&out));
	buf_fini(&out);
	mask_fini(&m);
	return result;
}

static void secrets_are_hidden_however_the_stream_is_cut(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "pw=hunter2;", "pw=[MASKED];" },
		{ "hunter2000 hunter200", "[MASKED] [MASKED]00" },
		{ "aaab aab", "a[MASKED] [MASKED]" },
		{ "hunter", "hunter" },
		{ "huhunter2", "hu[MASKED]" },
		{ "glpat-Abc_d.e-9!x", "glpat-[MASKED]!x" },
		{ "glpat-", "glpat-[MASKED]" },
		{ "glpa glpat", "glpa glpat" },
		{ "", "" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t piece = 1; piece < 20; piece++)
			check_str(masked(a, cases[i][0], piece), cases[i][1]);
	arena_close(a);
}

static void nothing_but_a_possible_secret_is_held_back(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct mask m;
	struct buf out;

	mask_init(&m, a, 2);
	mask_add_secret(&m, STR("hunter2"));
	buf_init(&out, 1000);
	mask_write(&m, STR("one\ntwo hunt"), &out);
	check_str(buf_str(&out), "one\ntwo ");
	mask_write(&m, STR("ing"), &out);
	check_str(buf_str(&out), "one\ntwo hunting");
	buf_fini(&out);
	mask_fini(&m);
	arena_close(a);
}

RUN_TESTS(TEST(secrets_are_hidden_however_the_stream_is_cut),
	  TEST(nothing_but_a_possible_secret_is_held_back))
