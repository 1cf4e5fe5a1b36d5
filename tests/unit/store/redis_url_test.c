#include "store/redis_url.h"

#include "support/check.h"

static int set_up(void **state)
{
	*state = arena_open(0);
	return 0;
}

static int tear_down(void **state)
{
	arena_close(*state);
	return 0;
}

static void addresses_are_read(void **state)
{
	static const struct {
		const char *url, *socket, *host;
		int port;
		const char *user, *password, *database;
	} cases[] = {
		{ "redis://localhost", NULL, "localhost", 6379, NULL, NULL, "0" },
		{ "redis://h:1/3", NULL, "h", 1, NULL, NULL, "3" },
		{ "redis://:p%40ss@h", NULL, "h", 6379, NULL, "p@ss", "0" },
		{ "redis://u:p@[::1]:7/", NULL, "::1", 7, "u", "p", "0" },
		{ "unix:///run/redis.sock", "/run/redis.sock", NULL, 0, NULL, NULL, "0" },
		{ "unix:///r.sock?db=2&user=u&password=p%26", "/r.sock", NULL, 0, "u", "p&", "2" },
	};
	struct redis_address address;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_ok(redis_url_parse(*state, str_c(cases[i].url), &address, &e), &e);
		check_int(address.socket == NULL, cases[i].socket == NULL);
		if (address.socket)
			check_c(address.socket, cases[i].socket);
		else
			check_c(address.host, cases[i].host);
		check_int(address.port, cases[i].port);
		check_str(address.user, cases[i].user ? cases[i].user : "");
		check_int(str_is_none(address.password), cases[i].password == NULL);
		check_str(address.database, cases[i].database);
	}
}

static void what_is_no_address_is_refused_without_telling_the_password(void **state)
{
	static const char *const cases[] = {
		"",
		"http://h",
		"redis://",
		"redis://:0",
		"redis://h:0",
		"redis://h:x",
		"redis://h:65536",
		"redis://secret@h",
		"redis://u:%zz@h",
		"unix://x",
		"unix:///s?x",
		"redis://h/-1",
		"redis://h/x",
	};
	struct redis_address address;
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_err(redis_url_parse(*state, str_c(cases[i]), &address, &e), &e, ERR_INVALID,
			  "redis_url is not an address");
		check_true(strstr(e.text, "secret") == NULL);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(addresses_are_read),
	  CASE(what_is_no_address_is_refused_without_telling_the_password))
