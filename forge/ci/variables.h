/*
 * Variables of a pipeline or job: an ordered list, lowest precedence first,
 * where setting a name again moves nothing but replaces the value.
 *
 * Expansion is the server's (gitlab-compat 3.4): $NAME, ${NAME} and %NAME% of
 * known variables; unknown ones stay as text; "$$" stays; the value of a raw
 * variable is put in as it is, file variables are not. A cycle ends as text.
 *
 * A text that would grow beyond 4 kB (a value: 256 kB), or needs more than 2000
 * references, stays as it is: values can be made to double at each step.
 */
#ifndef CI_VARIABLES_H
#define CI_VARIABLES_H

#include "base/arena.h"
#include "base/table.h"

struct ci_variable {
	struct str key;
	struct str value;
	bool is_raw; /* `expand: false` */
	bool is_file;
	bool is_masked;
};

struct ci_variables {
	struct arena *arena;
	struct ci_variable *items;
	size_t count;
	size_t room;
	struct table index; /* key -> position + 1, as a pointer */
};

void ci_variables_init(struct ci_variables *v, struct arena *a);
void ci_variables_set(struct ci_variables *v, struct ci_variable variable);
void ci_variables_set_text(struct ci_variables *v, const char *key, struct str value);
/* Sets all of `from`, which may be NULL, over v. */
void ci_variables_add(struct ci_variables *v, const struct ci_variables *from);
const struct ci_variable *ci_variables_find(const struct ci_variables *v, struct str key);

/* The text with every known reference replaced, one level deep in values already expanded. */
struct str ci_variables_expand(const struct ci_variables *v, struct arena *a, struct str text);
/* The same of one of them: its own name in its value stays as text. */
struct str ci_variables_expand_value(const struct ci_variables *v, struct arena *a,
				     const struct ci_variable *variable);

/* GitLab's slug of a ref: lower case, others '-', at most 63 bytes, no '-' at the ends. */
struct str ci_slug(struct arena *a, struct str text);

#endif
