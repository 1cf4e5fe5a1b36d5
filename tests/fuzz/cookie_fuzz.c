/*
 * Any bytes as headers a browser sends: cookies, ranges, tags, forwarded
 * addresses. What is taken lies inside of the input and holds no byte that
 * could end a header.
 */
#include "http/cookie.h"
#include "http/network.h"
#include "http/range.h"

#include <stdint.h>

static void check_cookie(struct str text)
{
	struct str value = http_cookie_get(text, STR("a"));

	if (str_is_none(value))
		return;
	ASSERT(value.p >= text.p && value.p + value.n <= text.p + text.n);
	for (size_t i = 0; i < value.n; i++)
		ASSERT(value.p[i] > 0x20 && value.p[i] != ';' && value.p[i] != 0x7F);
}

static void check_range(struct str text, uint64_t size)
{
	uint64_t offset = 0, length = 0;

	if (http_range_parse(text, size, &offset, &length) != HTTP_RANGE_PART)
		return;
	ASSERT(length > 0 && offset < size && length <= size - offset);
}

static void check_network(struct str text)
{
	struct str_list trusted = { (struct str[]){ STR("10.0.0.0/8"), text }, 2 };
	struct http_header h[] = { { STR("X-Forwarded-For"), text } };
	struct http_head head = { .headers = h, .headers_count = 1 };

	network_identify(&head, STR("10.1.2.3"), &trusted);
	ASSERT(head.client.n > 0);
	network_identify(&head, STR("203.0.113.1"), &(struct str_list){ trusted.items, 1 });
	ASSERT(str_eq_c(head.client, "203.0.113.1"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));
	struct instant t;

	check_cookie(text);
	check_range(text, 100);
	check_range(text, UINT64_MAX / 2);
	check_network(text);
	(void)http_etag_list_has(text, STR("\"a\""), true);
	(void)http_date_parse(text, &t);
	arena_close(a);
	return 0;
}
