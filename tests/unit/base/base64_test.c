#include "base/base64.h"
#include "support/check.h"

static void text_goes_both_ways(void **state UNUSED)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf b;
		struct str bytes;

		buf_init(&b, 100);
		base64_encode(&b, str_c(cases[i][0]));
		check_str(buf_str(&b), cases[i][1]);
		check_true(base64_decode(a, str_c(cases[i][1]), &bytes));
		check_str(bytes, cases[i][0]);
		buf_fini(&b);
	}
	arena_close(a);
}

static void what_is_no_base64_is_refused(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str bytes;

	check_false(base64_decode(a, STR("Zg=g"), &bytes));
	check_false(base64_decode(a, STR("Z"), &bytes));
	check_false(base64_decode(a, STR("Zm\n8"), &bytes));
	check_false(base64_decode(a, STR("Zm-_"), &bytes));
	arena_close(a);
}

RUN_TESTS(TEST(text_goes_both_ways), TEST(what_is_no_base64_is_refused))
