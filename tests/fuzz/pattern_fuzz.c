/*
 * A user's pattern and a text, cut at the first zero byte: as a regular expression, and as a
 * glob of paths. Asserted: it ends within its limits; what the compiler takes is matched or said
 * to be too much; a glob without special characters matches itself alone; alternatives are no
 * more than allowed.
 */
#include "ci/pattern.h"

#include <stdint.h>

static void check_regex(struct str pattern, struct str text, struct arena *a)
{
	struct str body = pattern;
	struct str flags = STR("");
	struct ci_pattern *compiled;
	struct err e = { 0 };
	bool matches;

	if (ci_pattern_split(pattern, &body, &flags))
		ASSERT(body.n + flags.n < pattern.n);
	if (ci_pattern_compile(a, body, flags, &compiled, &e) < 0) {
		ASSERT(e.code == ERR_UNPROCESSABLE && e.text[0] != '\0');
		return;
	}
	if (ci_pattern_match(compiled, text, &matches, &e) < 0)
		ASSERT(e.code == ERR_UNPROCESSABLE && e.text[0] != '\0');
}

static bool is_plain(struct str glob)
{
	for (size_t i = 0; i < glob.n; i++)
		if (strchr("*?[]{}\\,", glob.p[i]))
			return false;
	return true;
}

static void check_glob(struct str glob, struct str path, struct arena *a)
{
	struct str *globs;
	struct err e = { 0 };
	size_t count;

	if (is_plain(glob)) {
		ASSERT(ci_glob_match(glob, glob));
		ASSERT(ci_glob_match(glob, path) == str_eq(glob, path));
	}
	if (ci_glob_expand(a, glob, &globs, &count, &e) < 0) {
		ASSERT(e.code == ERR_UNPROCESSABLE && e.text[0] != '\0');
		return;
	}
	ASSERT(count > 0 && count <= CI_GLOB_ALTERNATIVES_MAX);
	for (size_t i = 0; i < count; i++) {
		ASSERT(globs[i].n <= glob.n);
		(void)ci_glob_match(globs[i], path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str both = str_n(size ? (const char *)data : "", size);
	struct str pattern = str_upto(both, str_find(both, '\0'));
	struct str text = str_from(both, pattern.n + 1);
	struct arena *a = arena_open(0);

	check_regex(pattern, text, a);
	check_glob(pattern, text, a);
	arena_close(a);
	return 0;
}
