/* Splitting and matching of paths. See router_match.h. */
#include "router_match.h"

#include "base/url.h"

static bool has_dots(struct str decoded)
{
	struct str part;

	while (str_cut(&decoded, '/', &part))
		if (str_eq_c(part, ".") || str_eq_c(part, ".."))
			return true;
	return false;
}

static size_t count_segments(struct str raw)
{
	size_t count = 0;

	for (size_t i = 0; i < raw.n; i++)
		count += raw.p[i] == '/';
	return count;
}

int url_path_split(struct arena *a, struct str raw, struct url_path *path, struct err *e)
{
	struct str rest = str_from(raw, 1);
	struct str part;
	size_t room = count_segments(raw) + 1;

	if (room > PATH_SEGMENTS_MAX)
		return err_set(e, ERR_NOT_FOUND, "The address has too many parts.");
	*path = (struct url_path){ raw, ARENA_ARRAY(a, struct path_segment, room), 0, 0 };
	while (str_cut(&rest, '/', &part)) {
		struct path_segment *s = &path->segments[path->count];

		if (part.n == 0 && str_is_none(rest))
			break; /* the final '/', or the root */
		if (!url_decode(a, part, &s->decoded))
			return err_set(
				e, ERR_INVALID,
				"The address holds a broken percent escape or a control byte.");
		if (has_dots(s->decoded))
			return err_set(e, ERR_INVALID,
				       "The address holds a part that is \".\" or \"..\".");
		s->end = (size_t)(part.p + part.n - raw.p);
		path->count++;
	}
	for (path->dash = 0; path->dash < path->count; path->dash++)
		if (str_eq_c(path->segments[path->dash].decoded, "-"))
			break;
	return 0;
}

struct matching {
	const struct route_pattern *pattern;
	const struct url_path *path;
	struct arena *arena;
	struct path_match *match;
};

/* Takes the literal and the suffix away; false if they are not there or nothing is left. */
static bool strip(const struct route_segment *s, struct str *first, struct str *last, bool is_one)
{
	if (!str_cut_prefix(first, s->literal))
		return false;
	if (is_one)
		*last = *first;
	if (!str_ends(*last, s->suffix))
		return false;
	*last = str_upto(*last, last->n - s->suffix.n);
	if (is_one)
		*first = *last;
	/* "...git" without its ".git" is "..", which no name may be. */
	return first->n > 0 && last->n > 0 && !has_dots(*first) && !has_dots(*last);
}

static struct str join(const struct matching *m, size_t from, size_t count, struct str first,
		       struct str last)
{
	struct buf b;
	struct str joined;

	if (count == 1)
		return first;
	buf_init(&b, m->path->raw.n + 1);
	buf_add(&b, first);
	for (size_t i = 1; i + 1 < count; i++) {
		buf_add_char(&b, '/');
		buf_add(&b, m->path->segments[from + i].decoded);
	}
	buf_add_char(&b, '/');
	buf_add(&b, last);
	joined = arena_str(m->arena, buf_str(&b));
	buf_fini(&b);
	return joined;
}

static bool are_good(const struct matching *m, const struct route_segment *s, size_t from,
		     size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		struct str decoded = m->path->segments[i].decoded;

		if (decoded.n == 0)
			return false;
		if (s->is_address && s->is_many && (str_has(decoded, '/') || i == m->path->dash))
			return false;
	}
	return true;
}

static bool bind(struct matching *m, const struct route_segment *s, size_t from, size_t count)
{
	struct path_match *match = m->match;
	struct str first = m->path->segments[from].decoded;
	struct str last = m->path->segments[from + count - 1].decoded;

	if (!are_good(m, s, from, count) || !strip(s, &first, &last, count == 1))
		return false;
	ASSERT(match->count < ROUTE_URL_PARAMETERS_MAX);
	match->params[match->count].name = s->parameter;
	match->params[match->count].value = join(m, from, count, first, last);
	match->count++;
	if (s->is_address) {
		match->address_end = m->path->segments[from + count - 1].end;
		match->address_suffix = s->suffix;
	}
	return true;
}

/* pattern_at and path_at never fall back over a bound parameter without unbinding it. */
static bool match_from(struct matching *m, size_t pattern_at, size_t path_at)
{
	const struct route_segment *s = &m->pattern->segments[pattern_at];
	size_t left = m->path->count - path_at;
	size_t behind = m->pattern->count - pattern_at - 1;
	size_t bound = m->match->count;
	size_t most;

	if (pattern_at == m->pattern->count)
		return left == 0;
	if (left <= behind)
		return false;
	if (str_is_none(s->parameter))
		return str_eq(m->path->segments[path_at].decoded, s->literal) &&
		       match_from(m, pattern_at + 1, path_at + 1);
	most = s->is_many ? left - behind : 1;
	if (s->is_address && path_at < m->path->dash && most > m->path->dash - path_at)
		most = m->path->dash - path_at;
	for (size_t count = most; count > 0; count--) {
		if (bind(m, s, path_at, count) && match_from(m, pattern_at + 1, path_at + count))
			return true;
		m->match->count = bound;
	}
	return false;
}

bool path_match(const struct route_pattern *pattern, const struct url_path *path, struct arena *a,
		struct path_match *match)
{
	struct matching m = { pattern, path, a, match };

	*match = (struct path_match){ 0 };
	return match_from(&m, 0, 0);
}
