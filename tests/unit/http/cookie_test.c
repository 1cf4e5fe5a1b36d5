#include "http/cookie.h"
#include "support/check.h"

static void the_first_cookie_of_a_name_is_found(void **state UNUSED)
{
	struct str header = STR("a=1; session=abc; session=def; b=\"q\"; c");

	check_str(http_cookie_get(header, STR("session")), "abc");
	check_str(http_cookie_get(header, STR("b")), "q");
	check_true(str_is_none(http_cookie_get(header, STR("c"))));
	check_true(str_is_none(http_cookie_get(header, STR("sess"))));
	check_true(str_is_none(http_cookie_get(STR_NONE, STR("a"))));
}

static void values_with_foreign_bytes_are_not_there(void **state UNUSED)
{
	check_true(str_is_none(http_cookie_get(STR("a=x y"), STR("a"))));
	check_true(str_is_none(http_cookie_get(STR("a=x\x01"), STR("a"))));
	check_true(str_is_none(http_cookie_get(STR("a=\xc3\xa9"), STR("a"))));
}

static void flags_follow_what_the_cookie_is_for(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct http_cookie c = {
		.name = STR("__Host-s"), .value = STR("v"), .is_secure = true, .max_age = 60
	};

	check_str(http_cookie_format(a, &c),
		  "__Host-s=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
	c.is_secure = false;
	c.max_age = -1;
	check_str(http_cookie_format(a, &c),
		  "__Host-s=v; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
	arena_close(a);
}

RUN_TESTS(TEST(the_first_cookie_of_a_name_is_found), TEST(values_with_foreign_bytes_are_not_there),
	  TEST(flags_follow_what_the_cookie_is_for))
