#include "base/url.h"
#include "support/check.h"

static void encoding_leaves_only_unreserved_characters(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 100);
	url_encode(&b, STR("a b/c&?#%\"<\xC3\xA9~"));
	check_str(buf_str(&b), "a%20b%2Fc%26%3F%23%25%22%3C%C3%A9~");
	buf_clear(&b);
	url_encode_path(&b, STR("a b/c"));
	check_str(buf_str(&b), "a%20b/c");
	buf_fini(&b);
}

static void decoding_is_exact_and_refuses_nul(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str s;

	check_true(url_decode(a, STR("a%20b+c%C3%A9"), &s));
	check_str(s, "a b+c\xC3\xA9");
	check_false(url_decode(a, STR("a%00b"), &s));
	check_false(url_decode(a, STR("a%0ab"), &s));
	check_false(url_decode(a, STR("a%2"), &s));
	check_false(url_decode(a, STR("a%zz"), &s));
	check_true(url_decode_form(a, STR("a+b%0A"), &s));
	check_str(s, "a b\n");
	arena_close(a);
}

static void pairs_keep_order_and_empty_values(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct url_pairs pairs;
	struct err e = { 0 };

	check_ok(url_pairs_parse(a, STR("a=1&b&c=x%3Dy&&a=2"), &pairs, &e), &e);
	check_int(pairs.count, 4);
	check_str(url_pairs_get(&pairs, "a"), "1");
	check_str(url_pairs_get(&pairs, "b"), "");
	check_str(url_pairs_get(&pairs, "c"), "x=y");
	check_true(str_is_none(url_pairs_get(&pairs, "d")));
	check_err(url_pairs_parse(a, STR("a=%"), &pairs, &e), &e, ERR_INVALID, "percent");
	arena_close(a);
}

static void too_many_pairs_are_refused(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct url_pairs pairs;
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < URL_PAIRS_MAX + 1; i++)
		buf_add_c(&b, "a&");
	check_err(url_pairs_parse(a, buf_str(&b), &pairs, &e), &e, ERR_INVALID, "1000");
	buf_fini(&b);
	arena_close(a);
}

RUN_TESTS(TEST(encoding_leaves_only_unreserved_characters), TEST(decoding_is_exact_and_refuses_nul),
	  TEST(pairs_keep_order_and_empty_values), TEST(too_many_pairs_are_refused))
