#include "http/range.h"
#include "support/check.h"

struct range_case {
	const char *header;
	uint64_t size;
	enum http_range range;
	uint64_t offset;
	uint64_t length;
};

static const struct range_case cases[] = {
	{ "bytes=0-9", 100, HTTP_RANGE_PART, 0, 10 },
	{ "bytes=90-", 100, HTTP_RANGE_PART, 90, 10 },
	{ "bytes=90-1000", 100, HTTP_RANGE_PART, 90, 10 },
	{ "bytes=-5", 100, HTTP_RANGE_PART, 95, 5 },
	{ "bytes=-500", 100, HTTP_RANGE_PART, 0, 100 },
	{ "bytes=100-", 100, HTTP_RANGE_IMPOSSIBLE, 0, 0 },
	{ "bytes=-0", 100, HTTP_RANGE_IMPOSSIBLE, 0, 0 },
	{ "bytes=0-", 0, HTTP_RANGE_IMPOSSIBLE, 0, 0 },
	{ "bytes=9-0", 100, HTTP_RANGE_WHOLE, 0, 0 },
	{ "bytes=0-1,3-4", 100, HTTP_RANGE_WHOLE, 0, 0 },
	{ "bytes=x-1", 100, HTTP_RANGE_WHOLE, 0, 0 },
	{ "lines=0-1", 100, HTTP_RANGE_WHOLE, 0, 0 },
	{ "bytes=0-99999999999999999999", 100, HTTP_RANGE_WHOLE, 0, 0 },
	{ "bytes=", 100, HTTP_RANGE_WHOLE, 0, 0 },
};

static void ranges_are_read_as_the_rfc_says(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t offset = 0, length = 0;
		enum http_range got =
			http_range_parse(str_c(cases[i].header), cases[i].size, &offset, &length);

		if (got != cases[i].range ||
		    (got == HTTP_RANGE_PART &&
		     (offset != cases[i].offset || length != cases[i].length)))
			fail_msg("%s: %d %llu %llu", cases[i].header, (int)got,
				 (unsigned long long)offset, (unsigned long long)length);
	}
}

static void tags_are_compared_weakly_or_strongly(void **state UNUSED)
{
	check_true(http_etag_list_has(STR("\"a\", W/\"b\""), STR("\"b\""), true));
	check_false(http_etag_list_has(STR("\"a\", W/\"b\""), STR("\"b\""), false));
	check_true(http_etag_list_has(STR("*"), STR("\"b\""), false));
	check_true(http_etag_list_has(STR("\"a\""), STR("W/\"a\""), true));
	check_false(http_etag_list_has(STR_NONE, STR("\"a\""), true));
}

static void http_dates_are_read(void **state UNUSED)
{
	struct instant t;

	check_true(http_date_parse(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &t));
	check_int(instant_seconds(t), 784111777);
	check_false(http_date_parse(STR("yesterday"), &t));
	check_false(http_date_parse(STR("Sun, 06 Nov 1994 08:49:37 GMT+1"), &t));
}

RUN_TESTS(TEST(ranges_are_read_as_the_rfc_says), TEST(tags_are_compared_weakly_or_strongly),
	  TEST(http_dates_are_read))
