/*
 * Any bytes as the path of a request, against every pattern of the site map:
 * no parameter is empty, climbs or holds a control byte; an address never
 * reaches over the first "-"; and a link made of the parameters finds the same
 * row with the same parameters again.
 */
#include "http/head.h"
#include "render/route_url.h"
#include "router_match.h"

#include <stdint.h>

static const char *const patterns[] = {
#define ROUTE(name, method, pattern, action, body, handler) pattern,
#include "routes.tbl"
#undef ROUTE
};

static void check_value(struct str value)
{
	struct str part;

	ASSERT(value.n > 0);
	for (size_t i = 0; i < value.n; i++)
		ASSERT((unsigned char)value.p[i] >= 0x20 && value.p[i] != 0x7F);
	while (str_cut(&value, '/', &part))
		ASSERT(!str_eq_c(part, "..") && !str_eq_c(part, "."));
}

/* "a//b", "a/": encoded slashes that a link writes as they are, and then read otherwise. */
static bool has_empty_part(struct str value)
{
	struct str part;

	while (str_cut(&value, '/', &part))
		if (part.n == 0)
			return true;
	return false;
}

/*
 * GitHub's and Gitea's forms ("/{project}/tree/{ref_path}") have no "/-/" between their two
 * open ends, so a name in the second may look like the word between them. They are only
 * redirected from; no link is made of them.
 */
static bool is_ambiguous(const struct route_pattern *pattern)
{
	size_t open_ends = 0;

	for (size_t i = 0; i < pattern->count; i++) {
		if (str_eq_c(pattern->segments[i].literal, "-"))
			return false;
		open_ends += !str_is_none(pattern->segments[i].parameter) &&
			     pattern->segments[i].is_many;
	}
	return open_ends > 1;
}

static void check_round_trip(struct arena *a, size_t row, const struct path_match *match)
{
	struct str values[ROUTE_URL_PARAMETERS_MAX];
	struct route_pattern pattern;
	struct url_path path;
	struct path_match again;
	struct err e = { 0 };

	for (size_t i = 0; i < match->count; i++) {
		values[i] = match->params[i].value;
		if (has_empty_part(values[i]))
			return;
	}
	route_pattern_parse(str_c(patterns[row]), &pattern);
	if (is_ambiguous(&pattern))
		return;
	ASSERT(url_path_split(a, route_url(a, (enum route_id)row, values, match->count), &path,
			      &e) == 0);
	ASSERT(path_match(&pattern, &path, a, &again) && again.count == match->count);
	for (size_t i = 0; i < match->count; i++)
		ASSERT(str_eq(again.params[i].value, match->params[i].value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str target = arena_str(a, str_n((const char *)data, size));
	struct str raw, query;
	struct url_path path;
	struct err e = { 0 };

	http_target_split(target, &raw, &query);
	if (http_head_check(NULL, 0, target, &e) < 0 || raw.n == 0 || raw.p[0] != '/' ||
	    url_path_split(a, raw, &path, &e) < 0) {
		arena_close(a);
		return 0;
	}
	for (size_t row = 0; row < ARRAY_LEN(patterns); row++) {
		struct route_pattern pattern;
		struct path_match match;

		route_pattern_parse(str_c(patterns[row]), &pattern);
		if (!path_match(&pattern, &path, a, &match))
			continue;
		for (size_t i = 0; i < match.count; i++)
			check_value(match.params[i].value);
		ASSERT(match.address_end <= raw.n);
		check_round_trip(a, row, &match);
	}
	arena_close(a);
	return 0;
}
