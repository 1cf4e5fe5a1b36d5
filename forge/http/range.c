/* Ranges and conditional headers. See range.h. */
#include "http/range.h"

#include <stdio.h>
#include <time.h>

static bool parse_u64(struct str s, uint64_t *n)
{
	int64_t value;

	if (s.n == 0 || s.p[0] == '-' || !str_to_i64(s, &value))
		return false;
	*n = (uint64_t)value;
	return true;
}

static enum http_range suffix(struct str last, uint64_t size, uint64_t *offset, uint64_t *length)
{
	uint64_t n;

	if (!parse_u64(last, &n))
		return HTTP_RANGE_WHOLE;
	if (n == 0 || size == 0)
		return HTTP_RANGE_IMPOSSIBLE;
	*length = n < size ? n : size;
	*offset = size - *length;
	return HTTP_RANGE_PART;
}

enum http_range http_range_parse(struct str header, uint64_t size, uint64_t *offset,
				 uint64_t *length)
{
	uint64_t first, last;
	size_t at;

	if (!str_cut_prefix(&header, STR("bytes=")) || str_has(header, ','))
		return HTTP_RANGE_WHOLE;
	header = str_trim(header);
	at = str_find(header, '-');
	if (at == header.n)
		return HTTP_RANGE_WHOLE;
	if (at == 0)
		return suffix(str_from(header, 1), size, offset, length);
	if (!parse_u64(str_upto(header, at), &first))
		return HTTP_RANGE_WHOLE;
	if (at + 1 == header.n)
		last = UINT64_MAX;
	else if (!parse_u64(str_from(header, at + 1), &last) || last < first)
		return HTTP_RANGE_WHOLE;
	if (first >= size)
		return HTTP_RANGE_IMPOSSIBLE;
	if (last >= size)
		last = size - 1;
	*offset = first;
	*length = last - first + 1;
	return HTTP_RANGE_PART;
}

bool http_etag_list_has(struct str list, struct str etag, bool weak)
{
	struct str part;

	if (str_eq_c(str_trim(list), "*"))
		return true;
	if (weak)
		(void)str_cut_prefix(&etag, STR("W/"));
	while (!str_is_none(list) && str_cut(&list, ',', &part)) {
		part = str_trim(part);
		if (weak)
			(void)str_cut_prefix(&part, STR("W/"));
		if (str_eq(part, etag) && !str_starts(part, STR("W/")))
			return true;
	}
	return false;
}

bool http_date_parse(struct str text, struct instant *t)
{
	struct tm tm = { 0 };
	char copy[40];
	const char *end;

	if (!str_copy(copy, sizeof(copy), text))
		return false;
	end = strptime(copy, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	if (!end || *end != '\0')
		return false;
	*t = instant_from_seconds((int64_t)timegm(&tm));
	return true;
}
