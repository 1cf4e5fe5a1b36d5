/*
 * What a pipeline is planned for, and the state of one planning.
 * Everything lives in the caller's arena.
 */
#ifndef CI_CONTEXT_H
#define CI_CONTEXT_H

#include "ci/source.h"
#include "ci/variables.h"
#include "ci/yaml.h"

/* CI_PIPELINE_SOURCE's words. */
enum ci_pipeline_source {
	CI_SOURCE_PUSH,
	CI_SOURCE_WEB,
	CI_SOURCE_SCHEDULE,
	CI_SOURCE_API,
	CI_SOURCE_TRIGGER,
	CI_SOURCE_MERGE_REQUEST,
};

const char *ci_pipeline_source_name(enum ci_pipeline_source source);
MUST_USE bool ci_pipeline_source_parse(struct str name, enum ci_pipeline_source *source);

struct ci_context {
	const struct ci_source *repository;
	enum ci_pipeline_source source;
	struct str
		ref_name; /* branch or tag, without refs/; of a merge request its source branch */
	bool is_tag;
	struct str project_path; /* for `ref@group/project` in only and except */

	/* By precedence, lowest first; any of them may be NULL. */
	const struct ci_variables *predefined;
	const struct ci_variables *stored;   /* instance, groups, project */
	const struct ci_variables *pipeline; /* push option, API, page, schedule */
};

/*
 * Budgets of one planning, over all its files. They keep what a stranger's file
 * can make of memory far below the arena's ceiling.
 */
#define CI_BYTES_MAX (8u * 1024 * 1024) /* of all files together */
#define CI_PAIRS_MAX 200000             /* of maps made by merging */
#define CI_RULES_MS 2000                /* of processor time, for rules and patterns */

struct ci_planning {
	struct arena *arena;
	struct arena *scratch; /* reset after each job's rules */
	const struct ci_context *context;
	struct ci_fail fail;
	struct ci_problems warnings;
	size_t bytes;
	size_t nodes;
	size_t pairs;
	int64_t began_ms;           /* of the thread's processor time */
	struct ci_paths *all_paths; /* asked once, when a rule first wants it */
	struct table changed_paths; /* by compare_to: struct ci_paths */
};

/*
 * Each pattern has a limit of its own; thousands of them, just below it, would
 * take minutes. Asked between two of them.
 */
MUST_USE int ci_planning_check_time(struct ci_planning *p, struct ci_mark mark, struct err *e);

void ci_planning_init(struct ci_planning *p, struct arena *a, const struct ci_context *context);
/* The scratch memory; the rest is the arena's. */
void ci_planning_fini(struct ci_planning *p);

#endif
