/* Patterns of routes, and links made of them. See route_url.h and route_pattern.h. */
#include "render/route_url.h"

#include "base/url.h"
#include "render/route_pattern.h"

static const char *const patterns[ROUTE_COUNT + 1] = {
#define ROUTE(name, method, pattern, action, body, handler) pattern,
#include "routes.tbl"
#undef ROUTE
};

static bool is_address(struct str name)
{
	return str_eq_c(name, "project") || str_eq_c(name, "group") || str_eq_c(name, "namespace");
}

static bool is_many(struct str name)
{
	return is_address(name) || str_eq_c(name, "ref") || str_eq_c(name, "path") ||
	       str_ends(name, STR("_path"));
}

static void parse_segment(struct str text, bool in_api, struct route_segment *s)
{
	size_t open = str_find(text, '{');
	size_t close = str_find(text, '}');

	*s = (struct route_segment){ .literal = str_upto(text, open) };
	if (open == text.n)
		return;
	ASSERT(close > open + 1 && close < text.n);
	s->parameter = str_from(str_upto(text, close), open + 1);
	s->suffix = str_from(text, close + 1);
	s->is_address = is_address(s->parameter);
	s->is_many = is_many(s->parameter) && (!in_api || str_ends(s->parameter, STR("_path")));
}

/* Under /api/ a parameter is one segment: an address is encoded, or an id; but for x_path. */
void route_pattern_parse(struct str text, struct route_pattern *pattern)
{
	bool in_api = str_starts(text, STR("/api/"));
	struct str part;

	ASSERT(str_cut_prefix(&text, STR("/")));
	pattern->count = 0;
	while (text.n > 0 && str_cut(&text, '/', &part)) {
		ASSERT(pattern->count < ROUTE_SEGMENTS_MAX);
		parse_segment(part, in_api, &pattern->segments[pattern->count++]);
	}
}

void route_url_add(struct buf *out, enum route_id id, const struct str *values, size_t count)
{
	struct route_pattern pattern;
	size_t used = 0;

	ASSERT(id < ROUTE_COUNT);
	route_pattern_parse(str_c(patterns[id]), &pattern);
	if (pattern.count == 0)
		buf_add_char(out, '/');
	for (size_t i = 0; i < pattern.count; i++) {
		const struct route_segment *s = &pattern.segments[i];

		buf_add_char(out, '/');
		buf_add(out, s->literal);
		if (str_is_none(s->parameter))
			continue;
		ASSERT(used < count);
		if (s->is_many)
			url_encode_path(out, values[used++]);
		else
			url_encode(out, values[used++]);
		buf_add(out, s->suffix);
	}
	ASSERT(used == count);
}

struct str route_url(struct arena *a, enum route_id id, const struct str *values, size_t count)
{
	struct buf b;
	struct str url;

	buf_init(&b, 64u << 10);
	route_url_add(&b, id, values, count);
	url = arena_str(a, buf_str(&b));
	buf_fini(&b);
	return url;
}
