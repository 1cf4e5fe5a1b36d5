/*
 * Users' patterns. Regular expressions go through PCRE2, held to RE2's language
 * (no look-around, no back-references, nothing that RE2 refuses) and to match
 * limits, so that no pattern can take long. Globs are those of Ruby's
 * File.fnmatch with PATHNAME, DOTMATCH and EXTGLOB, which `changes` and
 * `exists` speak.
 *
 * Threads: a compiled pattern belongs to its arena's thread.
 */
#ifndef CI_PATTERN_H
#define CI_PATTERN_H

#include "base/arena.h"
#include "base/err.h"

#define CI_PATTERN_MAX 4096

struct ci_pattern;

/* flags: any of i, s, m, U. ERR_UNPROCESSABLE says what in the pattern is wrong and where. */
MUST_USE int ci_pattern_compile(struct arena *a, struct str body, struct str flags,
				struct ci_pattern **pattern, struct err *e);

/* Unanchored. ERR_UNPROCESSABLE if the pattern ran into its limits. */
MUST_USE int ci_pattern_match(const struct ci_pattern *pattern, struct str text, bool *matches,
			      struct err *e);

/* Splits "/body/flags"; false if the text has not that form (GitLab: at least two characters). */
bool ci_pattern_split(struct str text, struct str *body, struct str *flags);

#define CI_GLOB_ALTERNATIVES_MAX 100

/* "a/{b,c}" -> "a/b", "a/c"; ERR_UNPROCESSABLE above the maximum. */
MUST_USE int ci_glob_expand(struct arena *a, struct str glob, struct str **globs, size_t *count,
			    struct err *e);

/* One glob without braces against one path. */
bool ci_glob_match(struct str glob, struct str path);

#endif
