#include "base/buf.h"
#include "support/check.h"

static void a_buffer_grows_and_keeps_a_nul(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 1000);
	check_str(buf_str(&b), "");
	for (int i = 0; i < 100; i++)
		buf_addf(&b, "%d,", i);
	check_true(str_starts(buf_str(&b), STR("0,1,2,")));
	check_int(b.p[b.n], 0);
	buf_drop_front(&b, 2);
	check_true(str_starts(buf_str(&b), STR("1,2,")));
	buf_fini(&b);
}

static void passing_the_ceiling_adds_nothing_and_is_said_once(void **state UNUSED)
{
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 4);
	buf_add_c(&b, "1234");
	check_ok(buf_check(&b, "the note", &e), &e);
	buf_add_char(&b, '5');
	buf_addf(&b, "%d", 6);
	check_str(buf_str(&b), "1234");
	check_err(buf_check(&b, "the note", &e), &e, ERR_TOO_LARGE, "the note is larger");
	buf_clear(&b);
	buf_add_c(&b, "ab");
	check_ok(buf_check(&b, "the note", &e), &e);
	check_str(buf_str(&b), "ab");
	buf_fini(&b);
}

static void reserve_gives_room_that_added_takes(void **state UNUSED)
{
	struct buf b;
	char *to;

	buf_init(&b, 200);
	to = buf_reserve(&b, 64);
	check_true(to != NULL);
	memset(to, 'x', 64);
	buf_added(&b, 64);
	check_int(b.n, 64);
	check_true(buf_reserve(&b, 137) == NULL);
	check_true(b.full);
	buf_fini(&b);
}

static void hex_is_lower_case(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 100);
	buf_add_hex(&b, (const unsigned char *)"\x00\xAB\xff", 3);
	check_str(buf_str(&b), "00abff");
	buf_fini(&b);
}

RUN_TESTS(TEST(a_buffer_grows_and_keeps_a_nul),
	  TEST(passing_the_ceiling_adds_nothing_and_is_said_once),
	  TEST(reserve_gives_room_that_added_takes), TEST(hex_is_lower_case))
