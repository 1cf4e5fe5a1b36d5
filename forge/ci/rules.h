/*
 * `rules`, `workflow:rules`, `include:rules`, `only` and `except`: read from
 * nodes, then asked whether they hold. The first rule that matches decides.
 * Source: gitlab-compat 2.4, 2.6; GitLab docs "Job rules".
 */
#ifndef CI_RULES_H
#define CI_RULES_H

#include "ci/context.h"

enum ci_when {
	CI_ON_SUCCESS,
	CI_ON_FAILURE,
	CI_ALWAYS,
	CI_MANUAL,
	CI_DELAYED,
	CI_NEVER,
};

const char *ci_when_name(enum ci_when when);
MUST_USE bool ci_when_parse(struct str name, enum ci_when *when);

enum ci_tristate { CI_UNSET, CI_NO, CI_YES };

struct ci_globs {
	struct ci_mark mark;
	struct str *items;
	size_t count;
	struct str compare_to; /* changes only */
	bool takes_folders; /* of exists: "docs/" is whatever is below it; of changes it is no file
			     */
};

struct ci_need {
	struct ci_mark mark;
	struct str job;
	bool artifacts;
	bool optional;
};

struct ci_needs {
	bool is_set; /* `needs: []` is set and empty: start at once */
	struct ci_need *items;
	size_t count;
};

struct ci_allow_failure {
	enum ci_tristate value;
	int64_t *exit_codes; /* allowed only for these; value is CI_NO then */
	size_t count;
};

struct ci_rule {
	struct ci_mark mark;
	struct str condition; /* of `if`; none if there is none */
	struct ci_mark condition_mark;
	struct ci_globs *changes; /* NULL if there are none */
	struct ci_globs *exists;
	bool has_when;
	enum ci_when when;
	struct ci_allow_failure allow_failure;
	int64_t start_in; /* seconds; 0 if not given */
	enum ci_tristate interruptible;
	struct ci_variables variables;
	struct ci_needs needs;
};

struct ci_rules {
	bool is_set;
	struct ci_rule *items;
	size_t count;
};

struct ci_ref_filter { /* one of only, except */
	bool is_set;
	struct ci_mark mark;
	struct str *refs;
	size_t ref_count;
	bool has_refs;
	struct str *conditions;
	size_t condition_count;
	struct ci_globs *changes;
};

/* Which keys a kind of rule may carry. */
enum ci_rule_kind { CI_RULES_OF_JOB, CI_RULES_OF_WORKFLOW, CI_RULES_OF_INCLUDE };

/* `where` is the path for messages: "jobs:test:rules". */
MUST_USE int ci_rules_read(struct ci_planning *p, const char *where, enum ci_rule_kind kind,
			   const struct ci_node *node, struct ci_rules *rules, struct err *e);

MUST_USE int ci_ref_filter_read(struct ci_planning *p, const char *where,
				const struct ci_node *node, struct ci_ref_filter *filter,
				struct err *e);

/* The rule that decides, or NULL if none matches. */
MUST_USE int ci_rules_decide(struct ci_planning *p, const struct ci_rules *rules,
			     const struct ci_variables *variables, const struct ci_rule **rule,
			     struct err *e);

/* Whether only and except let a job in. */
MUST_USE int ci_ref_filters_admit(struct ci_planning *p, const struct ci_ref_filter *only,
				  const struct ci_ref_filter *except,
				  const struct ci_variables *variables, bool *admits,
				  struct err *e);

#endif
