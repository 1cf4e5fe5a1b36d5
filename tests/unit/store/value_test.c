#include "store/value.h"

#include "support/check.h"

struct row {
	bool flag;
	int32_t i32;
	int64_t i64;
	bool has_i64;
	double number;
	struct str text;
	struct instant at;
	struct str_list texts;
	struct i64_list integers;
};

#define FIELD(member, type, nullable, has)                                             \
	{                                                                              \
#member, STATEMENT_##type, nullable, offsetof(struct row, member), has \
	}

static const struct statement_field fields[] = {
	FIELD(flag, BOOL, false, STATEMENT_NO_FLAG),
	FIELD(i32, INT4, false, STATEMENT_NO_FLAG),
	FIELD(i64, INT8, true, offsetof(struct row, has_i64)),
	FIELD(number, FLOAT8, false, STATEMENT_NO_FLAG),
	FIELD(text, TEXT, true, STATEMENT_NO_FLAG),
	FIELD(at, TIMESTAMPTZ, false, STATEMENT_NO_FLAG),
	FIELD(texts, TEXT_ARRAY, false, STATEMENT_NO_FLAG),
	FIELD(integers, INT8_ARRAY, false, STATEMENT_NO_FLAG),
};
static const struct statement_field json = FIELD(text, JSONB, false, STATEMENT_NO_FLAG);
static const struct statement_field bytes_field = FIELD(text, BYTEA, false, STATEMENT_NO_FLAG);

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

static void round_trip(struct arena *a, const struct row *in, struct row *out)
{
	struct err e;
	struct value_bytes bytes;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		check_ok(value_encode(&fields[i], in, a, &bytes, &e), &e);
		check_ok(value_decode(&fields[i], bytes, a, out, &e), &e);
	}
}

static void every_type_comes_back_as_it_went(void **state)
{
	struct str texts[] = { STR("a"), STR(""), STR("c,\"{}") };
	int64_t integers[] = { 1, -2, INT64_MAX };
	struct row in = { .flag = true,
			  .i32 = -7,
			  .i64 = INT64_MIN,
			  .has_i64 = true,
			  .number = 0.1,
			  .text = STR("h\xc3\xa9"),
			  .at = { 1700000000123456 },
			  .texts = { texts, 3 },
			  .integers = { integers, 3 } };
	struct row out = { 0 };

	round_trip(*state, &in, &out);
	check_true(out.flag);
	check_int(out.i32, -7);
	check_true(out.has_i64 && out.i64 == INT64_MIN);
	check_true(out.number >= 0.1 && out.number <= 0.1);
	check_str(out.text, "h\xc3\xa9");
	check_true(out.at.us == 1700000000123456);
	check_int(out.texts.count, 3);
	check_str(out.texts.items[1], "");
	check_str(out.texts.items[2], "c,\"{}");
	check_int(out.integers.count, 3);
	check_true(out.integers.items[2] == INT64_MAX);
}

static void null_and_empty_are_told_apart(void **state)
{
	struct row in = { .text = STR_NONE };
	struct row out = { 0 };

	round_trip(*state, &in, &out);
	check_false(out.has_i64);
	check_true(str_is_none(out.text));
	check_int(out.texts.count, 0);
	in.text = STR("");
	round_trip(*state, &in, &out);
	check_true(!str_is_none(out.text) && out.text.n == 0);
}

static void json_and_bytes_come_back(void **state)
{
	struct row in = { .text = STR("{\"a\":1}") };
	struct row out = { 0 };
	struct value_bytes bytes;
	struct err e;

	check_ok(value_encode(&json, &in, *state, &bytes, &e), &e);
	check_int(bytes.p[0], 1);
	check_ok(value_decode(&json, bytes, *state, &out, &e), &e);
	check_str(out.text, "{\"a\":1}");
	in.text = str_n("a\0b", 3);
	check_ok(value_encode(&bytes_field, &in, *state, &bytes, &e), &e);
	check_ok(value_decode(&bytes_field, bytes, *state, &out, &e), &e);
	check_int(out.text.n, 3);
}

static void a_zero_byte_in_text_is_refused(void **state)
{
	struct row in = { .text = str_n("a\0b", 3) };
	struct str texts[] = { str_n("\0", 1) };
	struct value_bytes bytes;
	struct err e;

	in.texts = (struct str_list){ texts, 1 };
	check_err(value_encode(&fields[4], &in, *state, &bytes, &e), &e, ERR_INVALID, "zero byte");
	check_err(value_encode(&fields[6], &in, *state, &bytes, &e), &e, ERR_INVALID, "zero byte");
	check_err(value_encode(&json, &in, *state, &bytes, &e), &e, ERR_INVALID, "zero byte");
}

static void none_where_null_is_not_allowed_is_a_mistake(void **state)
{
	struct row in = { .text = STR_NONE };
	struct row out = { 0 };
	struct value_bytes bytes;
	struct err e;

	check_err(value_encode(&json, &in, *state, &bytes, &e), &e, ERR_INTERNAL,
		  "must not be none");
	check_err(value_decode(&json, (struct value_bytes){ NULL, 0 }, *state, &out, &e), &e,
		  ERR_INTERNAL, "is null");
}

static void bytes_of_another_shape_are_refused(void **state)
{
	static const char zeros[64];
	struct row out = { 0 };
	struct err e;

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		for (int n = 0; n < 64; n++) {
			bool is_text = fields[i].type == STATEMENT_TEXT;
			bool fits = is_text || (fields[i].type == STATEMENT_BOOL && n == 1) ||
				    (fields[i].type == STATEMENT_INT4 && n == 4) ||
				    (n == 8 && (i == 2 || i == 3 || i == 5));
			int code = value_decode(&fields[i], (struct value_bytes){ zeros, n },
						*state, &out, &e);

			check_int(code == 0, fits);
		}
	}
}

static void an_infinite_time_is_refused(void **state)
{
	struct row out = { 0 };
	struct err e;
	struct value_bytes bytes = { "\x7f\xff\xff\xff\xff\xff\xff\xff", 8 };

	check_true(value_decode(&fields[5], bytes, *state, &out, &e) < 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(every_type_comes_back_as_it_went), CASE(null_and_empty_are_told_apart),
	  CASE(json_and_bytes_come_back), CASE(a_zero_byte_in_text_is_refused),
	  CASE(none_where_null_is_not_allowed_is_a_mistake),
	  CASE(bytes_of_another_shape_are_refused), CASE(an_infinite_time_is_refused))
