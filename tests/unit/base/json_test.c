#include "base/jsonr.h"
#include "base/jsonw.h"
#include "support/check.h"

static void what_is_written_is_read_back(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	const struct jsonr *j;
	struct err e = { 0 };
	struct buf b;
	struct jsonw w;
	int64_t id = 0;

	buf_init(&b, 1000);
	w = jsonw_to(&b);
	jsonw_object(&w);
	jsonw_field_int(&w, "id", 9007199254740993);
	jsonw_field_str(&w, "title", STR("</script>\"\\\n\x01"));
	jsonw_field_array(&w, "labels");
	jsonw_str(&w, STR("a"));
	jsonw_str(&w, STR_NONE);
	jsonw_end(&w);
	jsonw_field_bool(&w, "ok", true);
	jsonw_end(&w);
	check_int(str_find_str(buf_str(&b), STR("</script>")), b.n);
	check_ok(jsonr_parse(a, buf_str(&b), &j, &e), &e);
	check_true(jsonr_integer(jsonr_get(j, "id"), &id));
	check_true(id == 9007199254740993);
	check_str(jsonr_text(jsonr_get(j, "title")), "</script>\"\\\n\x01");
	check_int(jsonr_length(jsonr_get(j, "labels")), 2);
	check_true(jsonr_is_null(jsonr_at(jsonr_get(j, "labels"), 1)));
	buf_fini(&b);
	arena_close(a);
}

static void bad_json_is_refused_with_its_place(void **state UNUSED)
{
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{ "{\"a\":1,\n\"a\":2}", "line 2" }, { "[0123]", "line 1" },
		{ "\"\\u0000\"", "line 1" },         { "{\"a\":", "line 1" },
		{ "\"\xC0\xAF\"", "line 1" },        { "", "line 1" },
	};
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		const struct jsonr *j;

		check_err(jsonr_parse(a, str_c(cases[i].text), &j, &e), &e, ERR_INVALID,
			  cases[i].part);
	}
	arena_close(a);
}

static void deep_nesting_is_refused_before_the_parser_recurses(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	const struct jsonr *j;
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < 50000; i++)
		buf_add_char(&b, '[');
	check_err(jsonr_parse(a, buf_str(&b), &j, &e), &e, ERR_INVALID, "deeper than 64");
	buf_fini(&b);
	arena_close(a);
}

static void getters_say_no_for_what_is_missing_or_of_another_type(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e = { 0 };
	const struct jsonr *j;
	int64_t n = 5;
	bool b = true;

	check_ok(jsonr_parse(a, STR("{\"s\":\"x\",\"n\":1.5}"), &j, &e), &e);
	check_true(str_is_none(jsonr_text(jsonr_get(jsonr_get(j, "no"), "path"))));
	check_false(jsonr_integer(jsonr_get(j, "s"), &n));
	check_false(jsonr_integer(jsonr_get(j, "n"), &n));
	check_false(jsonr_boolean(jsonr_get(j, "s"), &b));
	check_int(n, 5);
	arena_close(a);
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state UNUSED)
{
	struct buf b;

	buf_init(&b, 100);
	jsonw_add_string(&b, STR("a\xFF\xC3\xA9"));
	check_str(buf_str(&b), "\"a\\ufffd\xC3\xA9\"");
	buf_fini(&b);
}

RUN_TESTS(TEST(what_is_written_is_read_back), TEST(bad_json_is_refused_with_its_place),
	  TEST(deep_nesting_is_refused_before_the_parser_recurses),
	  TEST(getters_say_no_for_what_is_missing_or_of_another_type),
	  TEST(bytes_that_are_not_utf8_become_replacement_characters))
