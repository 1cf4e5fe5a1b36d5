/*
 * How a project merges: method and what must hold before. One row a project;
 * none is the default.
 */
#ifndef DOMAIN_MERGE_SETTING_H
#define DOMAIN_MERGE_SETTING_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

/* X(NAME, GitLab's word) */
#define MERGE_METHODS(X)          \
	X(COMMIT, "merge")        \
	X(LINEAR, "rebase_merge") \
	X(FAST_FORWARD, "ff")

enum merge_method {
#define MERGE_METHOD_ENUM(name, word) MERGE_METHOD_##name,
	MERGE_METHODS(MERGE_METHOD_ENUM)
#undef MERGE_METHOD_ENUM
};

/* X(NAME, GitLab's word) */
#define SQUASH_OPTIONS(X)           \
	X(NEVER, "never")           \
	X(ALWAYS, "always")         \
	X(DEFAULT_ON, "default_on") \
	X(DEFAULT_OFF, "default_off")

enum squash_option {
#define SQUASH_OPTION_ENUM(name, word) SQUASH_##name,
	SQUASH_OPTIONS(SQUASH_OPTION_ENUM)
#undef SQUASH_OPTION_ENUM
};

#define MERGE_APPROVALS_MAX 20

struct merge_setting {
	enum merge_method method; /* LINEAR: a merge commit, but only on top of the target */
	enum squash_option squash;
	bool needs_pipeline;   /* a green one of the head */
	bool skipped_is_green; /* a skipped pipeline counts */
	bool needs_threads_resolved;
	int32_t approvals_required; /* 0 to 20 */
	bool removes_source;        /* proposed for new merge requests */
	bool tests_result;          /* their pipelines run on what the merge would give */
};

#define MERGE_SETTING_DEFAULT \
	((struct merge_setting){ .squash = SQUASH_DEFAULT_OFF, .removes_source = true })

const char *merge_method_word(enum merge_method method);
MUST_USE bool merge_method_from_word(struct str word, enum merge_method *method);
const char *squash_option_word(enum squash_option option);
MUST_USE bool squash_option_from_word(struct str word, enum squash_option *option);
/* What really happens if a merge request asks for a squash or not. Pure. */
bool merge_setting_squashes(const struct merge_setting *setting, bool is_asked);

MUST_USE int merge_setting_get(struct db *db, struct project_id project, struct arena *a,
			       struct merge_setting *setting, struct err *e);
/* Checks PROJECT_CHANGE. */
MUST_USE int merge_setting_update(struct db *db, const struct actor *actor,
				  struct project_id project, const struct merge_setting *setting,
				  struct err *e);

#endif
