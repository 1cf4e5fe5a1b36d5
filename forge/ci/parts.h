/*
 * Reading the small parts that keywords are made of, each with the sentence
 * that says what it should have been. `where` is the path for messages, as
 * GitLab writes it: "jobs:test:script".
 */
#ifndef CI_PARTS_H
#define CI_PARTS_H

#include "ci/rules.h"

struct ci_texts {
	struct str *items;
	size_t count;
};

/* "<where> config <what is wrong>" at the node. */
MUST_USE int ci_bad(struct ci_planning *p, const char *where, const struct ci_node *node,
		    struct err *e, const char *format, ...) PRINTF_LIKE(5, 6);

MUST_USE int ci_read_text(struct ci_planning *p, const char *where, const struct ci_node *node,
			  struct str *text, struct err *e);
MUST_USE int ci_read_bool(struct ci_planning *p, const char *where, const struct ci_node *node,
			  bool *value, struct err *e);
MUST_USE int ci_read_integer(struct ci_planning *p, const char *where, const struct ci_node *node,
			     int64_t least, int64_t most, int64_t *value, struct err *e);
/* Text or number that is a duration, in seconds. */
MUST_USE int ci_read_duration(struct ci_planning *p, const char *where, const struct ci_node *node,
			      int64_t most, int64_t *seconds, struct err *e);
/* A string or a list of strings, nested lists flattened (10 levels). */
MUST_USE int ci_read_texts(struct ci_planning *p, const char *where, const struct ci_node *node,
			   struct ci_texts *texts, struct err *e);
/* Integers: one or a list. */
MUST_USE int ci_read_integers(struct ci_planning *p, const char *where, const struct ci_node *node,
			      int64_t **items, size_t *count, struct err *e);
/* One word of a closed list; `words` ends with NULL. */
MUST_USE int ci_read_word(struct ci_planning *p, const char *where, const struct ci_node *node,
			  const char *const *words, struct str *word, struct err *e);

/* {KEY: scalar or {value, expand}}; `is_global` also takes description and options. */
MUST_USE int ci_read_variables(struct ci_planning *p, const char *where, bool is_global,
			       const struct ci_node *node, struct ci_variables *variables,
			       struct err *e);

MUST_USE int ci_read_needs(struct ci_planning *p, const char *where, const struct ci_node *node,
			   struct ci_needs *needs, struct err *e);
MUST_USE int ci_read_allow_failure(struct ci_planning *p, const char *where,
				   const struct ci_node *node, struct ci_allow_failure *value,
				   struct err *e);

/*
 * Fails for a key that is in neither list. Lists end with NULL; `refused` are
 * GitLab's keywords that Hearth does not carry out, which get their own sentence.
 */
MUST_USE int ci_check_keys(struct ci_planning *p, const char *where, const struct ci_node *map,
			   const char *const *known, const char *const *refused, struct err *e);

/* The items of a list with nested lists flattened; anything else is one item. */
MUST_USE int ci_flatten(struct ci_planning *p, const char *where, const struct ci_node *node,
			const struct ci_node ***items, size_t *count, struct err *e);

#endif
