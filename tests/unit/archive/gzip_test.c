#include "archive/gzip.h"
#include "support/check.h"

static int take(void *closure, struct str bytes, struct err *e)
{
	struct buf *b = closure;

	buf_add(b, bytes);
	return buf_check(b, "the text", e);
}

static int unpack(struct str packed, size_t step, uint64_t limit, struct buf *out, struct err *e)
{
	struct gunzip *g = gunzip_open(limit);
	int result = 0;

	for (size_t at = 0; result == 0 && at < packed.n; at += step)
		result = gunzip_write(g, str_upto(str_from(packed, at), step), take, out, e);
	if (result == 0)
		result = gunzip_finish(g, e);
	gunzip_close(g);
	return result;
}

static void what_is_packed_comes_out_again(void **state UNUSED)
{
	struct buf plain, packed;
	struct err e = { 0 };

	buf_init(&plain, 1u << 20);
	buf_init(&packed, 1u << 20);
	for (int i = 0; i < 20000; i++)
		buf_addf(&plain, "%d ", i * i);
	check_true(gzip_add(&packed, buf_str(&plain), 5));
	check_true(packed.n < plain.n);
	for (size_t step = 1; step < 20000; step = step * 7 + 1) {
		struct buf out;

		buf_init(&out, 1u << 20);
		check_ok(unpack(buf_str(&packed), step, 1u << 20, &out, &e), &e);
		check_true(str_eq(buf_str(&out), buf_str(&plain)));
		buf_fini(&out);
	}
	buf_fini(&plain);
	buf_fini(&packed);
}

static void bombs_are_stopped_early(void **state UNUSED)
{
	struct buf zeros, packed, out;
	struct err e = { 0 };

	buf_init(&zeros, 32u << 20);
	buf_init(&packed, 32u << 20);
	buf_init(&out, 64u << 20);
	memset(buf_reserve(&zeros, 20u << 20), 0, 20u << 20);
	buf_added(&zeros, 20u << 20);
	check_true(gzip_add(&packed, buf_str(&zeros), 9));
	check_err(unpack(buf_str(&packed), 65536, UINT64_MAX, &out, &e), &e, ERR_TOO_LARGE, "bomb");
	check_true(out.n < 10u << 20);
	check_err(unpack(buf_str(&packed), 65536, 1000, &out, &e), &e, ERR_TOO_LARGE, "1000");
	buf_fini(&zeros);
	buf_fini(&packed);
	buf_fini(&out);
}

static void what_is_no_whole_gzip_is_refused(void **state UNUSED)
{
	struct buf packed, out;
	struct err e = { 0 };

	buf_init(&packed, 1000);
	buf_init(&out, 1000);
	check_true(gzip_add(&packed, STR("hello hello"), 5));
	check_err(unpack(str_upto(buf_str(&packed), packed.n - 3), 5, 100, &out, &e), &e,
		  ERR_INVALID, "cut off");
	buf_add_c(&packed, "more");
	check_err(unpack(buf_str(&packed), 5, 100, &out, &e), &e, ERR_INVALID, "follow");
	check_err(unpack(STR("plain text"), 5, 100, &out, &e), &e, ERR_INVALID, "well-formed");
	buf_fini(&packed);
	buf_fini(&out);
}

RUN_TESTS(TEST(what_is_packed_comes_out_again), TEST(bombs_are_stopped_early),
	  TEST(what_is_no_whole_gzip_is_refused))
