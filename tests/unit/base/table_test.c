#include "base/random.h"
#include "base/table.h"
#include "support/check.h"

static void thousands_of_keys_are_found_again_in_order(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct table t;

	table_init(&t, a);
	check_true(table_find(&t, STR("x")) == NULL);
	for (int i = 0; i < 5000; i++)
		table_set(&t, arena_fmt(a, "key %d", i), arena_strf(a, "%d", i));
	table_set(&t, STR("key 7"), arena_strdup(a, "seven"));
	check_int(t.count, 5000);
	check_c(table_find(&t, STR("key 7")), "seven");
	for (int i = 8; i < 5000; i++) {
		check_c(table_find(&t, arena_fmt(a, "key %d", i)), arena_strf(a, "%d", i));
		check_str(t.entries[i].key, arena_strf(a, "key %d", i));
	}
	check_true(table_find(&t, STR("key 5000")) == NULL);
	arena_close(a);
}

static void random_text_has_its_length_and_letters(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str token = random_token(a, 26);

	check_int(token.n, 26);
	for (size_t i = 0; i < token.n; i++)
		check_true(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789_-",
				  token.p[i]) != NULL);
	check_false(str_eq(token, random_token(a, 26)));
	check_int(random_hex(a, 16).n, 32);
	arena_close(a);
}

RUN_TESTS(TEST(thousands_of_keys_are_found_again_in_order),
	  TEST(random_text_has_its_length_and_letters))
