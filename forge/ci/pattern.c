#define PCRE2_CODE_UNIT_WIDTH 8
#include "ci/pattern.h"

#include <pcre2.h>

#define MATCH_LIMIT 100000
#define DEPTH_LIMIT 1000
#define HEAP_LIMIT_KB 1024

struct ci_pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
	struct str body;
};

static void release(void *object)
{
	struct ci_pattern *pattern = object;

	pcre2_match_context_free(pattern->limits);
	pcre2_code_free(pattern->code);
}

static bool is_repetition(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '}';
}

/* (?:...), (?P<n>...), (?<n>...), (?i), (?i:...) are RE2's; any other "(?" and "(*" is not. */
static bool is_re2_group(struct str at)
{
	size_t i = 2;

	if (str_starts(at, STR("(*")))
		return false;
	if (!str_starts(at, STR("(?")))
		return true;
	if (str_starts(at, STR("(?P<")))
		return true;
	if (str_starts(at, STR("(?<")))
		return !str_starts(at, STR("(?<=")) && !str_starts(at, STR("(?<!"));
	while (i < at.n && strchr("imsU-", at.p[i]))
		i++;
	return i < at.n && (at.p[i] == ':' || (at.p[i] == ')' && i > 2));
}

static const char *refused_escape(char c)
{
	if (c >= '1' && c <= '9')
		return "a back-reference";
	return strchr("kgKGRXZ", c) ? "an escape" : NULL;
}

/* What RE2 would not take, with its place; NULL if there is nothing. */
static const char *refused_by_re2(struct str body, size_t *at)
{
	bool in_class = false;
	bool after_repetition = false;

	for (size_t i = 0; i < body.n; i++) {
		char c = body.p[i];

		*at = i;
		if (c == '\\' && i + 1 < body.n) {
			const char *what = in_class ? NULL : refused_escape(body.p[i + 1]);

			if (what)
				return what;
			i++;
			after_repetition = false;
			continue;
		}
		if (in_class) {
			in_class = c != ']' || body.p[i - 1] == '[';
			continue;
		}
		if (c == '(' && !is_re2_group(str_from(body, i)))
			return "a look-around or special group";
		if (c == '+' && after_repetition)
			return "a possessive repetition";
		in_class = c == '[';
		after_repetition = is_repetition(c) && !(c == '?' && i > 0 && body.p[i - 1] == '(');
	}
	return NULL;
}

static uint32_t options_of(struct str flags)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

	if (str_has(flags, 'i'))
		options |= PCRE2_CASELESS;
	if (str_has(flags, 's'))
		options |= PCRE2_DOTALL;
	if (str_has(flags, 'm'))
		options |= PCRE2_MULTILINE;
	if (str_has(flags, 'U'))
		options |= PCRE2_UNGREEDY;
	return options;
}

int ci_pattern_compile(struct arena *a, struct str body, struct str flags,
		       struct ci_pattern **pattern, struct err *e)
{
	struct ci_pattern *p = ARENA_NEW(a, struct ci_pattern);
	const char *refused;
	PCRE2_SIZE at = 0;
	int code = 0;

	if (body.n > CI_PATTERN_MAX || !str_is_utf8_text(body))
		return err_set(e, ERR_UNPROCESSABLE, "a pattern must be UTF-8 of at most %d bytes",
			       CI_PATTERN_MAX);
	refused = refused_by_re2(body, &at);
	if (refused)
		return err_set(e, ERR_UNPROCESSABLE,
			       "pattern /%.*s/: %s at character %zu is not in RE2's language",
			       STR_FMT(str_upto(body, 200)), refused, at + 1);
	p->body = arena_str(a, body);
	p->code = pcre2_compile((PCRE2_SPTR)p->body.p, body.n, options_of(flags), &code, &at, NULL);
	if (p->code == NULL) {
		char reason[120];

		pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
		return err_set(e, ERR_UNPROCESSABLE, "pattern /%.*s/: %s at character %zu",
			       STR_FMT(str_upto(body, 200)), reason, at);
	}
	p->limits = pcre2_match_context_create(NULL);
	ASSERT(p->limits != NULL);
	pcre2_set_match_limit(p->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(p->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(p->limits, HEAP_LIMIT_KB);
	arena_link(a, release, p);
	*pattern = p;
	return 0;
}

int ci_pattern_match(const struct ci_pattern *pattern, struct str text, bool *matches,
		     struct err *e)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	int result;

	ASSERT(data != NULL);
	result = pcre2_match(pattern->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, data,
			     pattern->limits);
	pcre2_match_data_free(data);
	/* Text that is not UTF-8 is an error below -1 too: it matches nothing. */
	*matches = result >= 0;
	if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
	    result == PCRE2_ERROR_HEAPLIMIT)
		return err_set(e, ERR_UNPROCESSABLE,
			       "pattern /%.*s/ takes too long; write it without nested repetitions",
			       STR_FMT(str_upto(pattern->body, 200)));
	return 0;
}

bool ci_pattern_split(struct str text, struct str *body, struct str *flags)
{
	size_t end = str_find_last(text, '/');

	if (!str_starts(text, STR("/")) || end < 2 || end >= text.n)
		return false;
	*body = str_upto(str_from(text, 1), end - 1);
	*flags = str_from(text, end + 1);
	for (size_t i = 0; i < flags->n; i++)
		if (!strchr("ismU", flags->p[i]))
			return false;
	return true;
}

/* -------------------------------------------------------------------- globs */

struct alternatives {
	struct arena *arena;
	struct str *items;
	size_t count;
};

/* The '}' that closes the '{' at the start of s, or s.n. */
static size_t closing_brace(struct str s)
{
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (s.p[i] == '{') {
			depth++;
		} else if (s.p[i] == '}' && --depth == 0) {
			return i;
		}
	}
	return s.n;
}

/* The part of a brace's inside before its next comma at the same depth. */
static bool cut_alternative(struct str *rest, struct str *part)
{
	int depth = 0;
	size_t i = 0;

	if (str_is_none(*rest))
		return false;
	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (c == '\\')
			i++;
		else if (c == '{')
			depth++;
		else if (c == '}')
			depth--;
		else if (c == ',' && depth == 0)
			break;
	}
	*part = str_upto(*rest, i);
	*rest = i < rest->n ? str_from(*rest, i + 1) : STR_NONE;
	return true;
}

static int expand(struct alternatives *out, struct str glob, int depth, struct err *e)
{
	size_t open = str_find(glob, '{');
	size_t length = closing_brace(str_from(glob, open));
	struct str inside;
	struct str part;

	if (out->count >= CI_GLOB_ALTERNATIVES_MAX || depth > CI_GLOB_ALTERNATIVES_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "a glob stands for more than %d paths",
			       CI_GLOB_ALTERNATIVES_MAX);
	if (open + length >= glob.n) {
		out->items[out->count++] = glob;
		return 0;
	}
	inside = str_upto(str_from(glob, open + 1), length - 1);
	while (cut_alternative(&inside, &part)) {
		struct str one =
			arena_fmt(out->arena, "%.*s%.*s%.*s", STR_FMT(str_upto(glob, open)),
				  STR_FMT(part), STR_FMT(str_from(glob, open + length + 1)));

		if (expand(out, one, depth + 1, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

int ci_glob_expand(struct arena *a, struct str glob, struct str **globs, size_t *count,
		   struct err *e)
{
	struct alternatives out = { a, ARENA_ARRAY(a, struct str, CI_GLOB_ALTERNATIVES_MAX), 0 };

	if (glob.n > CI_PATTERN_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "a glob is longer than %d bytes",
			       CI_PATTERN_MAX);
	if (expand(&out, glob, 0, e) < 0)
		return -(int)e->code;
	*globs = out.items;
	*count = out.count;
	return 0;
}

/* Matches a [set] at the start of *glob against c and moves *glob behind it. */
static bool match_set(struct str *glob, unsigned char c)
{
	bool negated = glob->n > 1 && (glob->p[1] == '!' || glob->p[1] == '^');
	size_t i = negated ? 2 : 1;
	size_t first = i;
	bool found = false;

	for (; i < glob->n && (glob->p[i] != ']' || i == first); i++) {
		unsigned char low = (unsigned char)glob->p[i];
		unsigned char high = low;

		if (i + 2 < glob->n && glob->p[i + 1] == '-' && glob->p[i + 2] != ']') {
			high = (unsigned char)glob->p[i + 2];
			i += 2;
		}
		found = found || (low <= c && c <= high);
	}
	*glob = str_from(*glob, i + 1);
	return found != negated;
}

/* One character of the glob (no star) against one of the path. */
static bool match_one(struct str *glob, char c)
{
	if (glob->p[0] == '[' && str_has(*glob, ']'))
		return c != '/' && match_set(glob, (unsigned char)c);
	if (glob->p[0] == '?') {
		*glob = str_from(*glob, 1);
		return c != '/';
	}
	if (glob->p[0] == '\\' && glob->n > 1)
		*glob = str_from(*glob, 1);
	if (glob->p[0] != c)
		return false;
	*glob = str_from(*glob, 1);
	return true;
}

/* Where a glob stands in a path, and where it goes on after a star took one more. */
struct glob_state {
	struct str glob;
	struct str path;
	bool at_folder;       /* at the start of a path's part: a double star may stand here */
	struct str star_glob; /* behind the last `*`; none: no way back */
	struct str star_path;
	struct str folders_glob; /* behind the last double star */
	struct str folders_path;
};

/* Passes stars, which match nothing at first; says whether it passed one. */
static bool pass_star(struct glob_state *s)
{
	if (s->at_folder && str_cut_prefix(&s->glob, STR("**/"))) {
		s->folders_glob = s->glob;
		s->folders_path = s->path;
		s->star_glob = STR_NONE;
		return true;
	}
	if (!str_cut_prefix(&s->glob, STR("*")))
		return false;
	s->star_glob = s->glob;
	s->star_path = s->path;
	s->at_folder = false;
	return true;
}

static bool pass_character(struct glob_state *s)
{
	char c;

	if (s->glob.n == 0 || s->path.n == 0)
		return false;
	c = s->path.p[0];
	if (!match_one(&s->glob, c))
		return false;
	s->path = str_from(s->path, 1);
	s->at_folder = c == '/';
	if (s->at_folder)
		s->star_glob = STR_NONE;
	return true;
}

/* The last star takes one character more, or the last double star one folder more. */
static bool go_back(struct glob_state *s)
{
	if (!str_is_none(s->star_glob) && s->star_path.n > 0 && s->star_path.p[0] != '/') {
		s->star_path = str_from(s->star_path, 1);
		s->glob = s->star_glob;
		s->path = s->star_path;
		s->at_folder = false;
		return true;
	}
	if (str_is_none(s->folders_glob) || !str_has(s->folders_path, '/'))
		return false;
	s->folders_path = str_from(s->folders_path, str_find(s->folders_path, '/') + 1);
	s->glob = s->folders_glob;
	s->path = s->folders_path;
	s->star_glob = STR_NONE;
	s->at_folder = true;
	return true;
}

/*
 * Greedy with one way back for each kind of star: that is enough, and never more
 * than quadratic, because a later star of the same kind makes an earlier one's
 * other choices needless.
 */
bool ci_glob_match(struct str glob, struct str path)
{
	struct glob_state s = { .glob = glob, .path = path, .at_folder = true };

	while (s.glob.n > 0 || s.path.n > 0)
		if (!pass_star(&s) && !pass_character(&s) && !go_back(&s))
			return false;
	return true;
}
