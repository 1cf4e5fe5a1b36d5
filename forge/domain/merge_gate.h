/*
 * What stands between a merge request and its merge: gates, one row each. A
 * closed gate is a blocker with a sentence: what it waits for, who can do what.
 *
 * merge_gate_judge is pure. merge_gate_load reads its facts; pages and the API
 * ask for them to show them, and a merge asks again inside its landing's
 * transaction, under the locks of the merge request and its pipeline, so a
 * merge on a stale gate is impossible (domain/merge.h).
 *
 * Facts are bound to commits: an approval counts for the head it was given to
 * and the target it was given for, a pipeline for the head it ran on. A new
 * head has neither. A green pipeline counts only if the merge gives exactly the
 * files it ran on (merge_request.tree_is_tested), or if it ran on what merging
 * exactly these two commits gives (domain/merge_result.h).
 */
#ifndef DOMAIN_MERGE_GATE_H
#define DOMAIN_MERGE_GATE_H

#include "ci/status.h"
#include "domain/merge_request.h"
#include "domain/merge_setting.h"

/*
 * X(NAME, GitLab's detailed_merge_status, may auto-merge wait for it)
 * In the order in which people should read them.
 */
#define MERGE_GATES(X)                               \
	X(OPEN, "not_open", false)                   \
	X(SOURCE, "unchecked", false)                \
	X(TARGET, "unchecked", false)                \
	X(CHECKED, "checking", false)                \
	X(COMMITS, "commits_status", false)          \
	X(CONFLICT, "conflict", false)               \
	X(FAST_FORWARD, "need_rebase", false)        \
	X(DRAFT, "draft_status", true)               \
	X(PIPELINE_RUNS, "ci_still_running", true)   \
	X(PIPELINE, "ci_must_pass", true)            \
	X(PIPELINE_TREE, "need_rebase", true)        \
	X(THREADS, "discussions_not_resolved", true) \
	X(APPROVALS, "not_approved", true)

enum merge_gate {
#define MERGE_GATE_ENUM(name, word, waits) MERGE_GATE_##name,
	MERGE_GATES(MERGE_GATE_ENUM)
#undef MERGE_GATE_ENUM
		MERGE_GATE_COUNT
};

const char *merge_gate_word(enum merge_gate gate);
bool merge_gate_waits(enum merge_gate gate); /* auto-merge may wait for it */

struct merge_blocker {
	enum merge_gate gate;
	struct str sentence; /* what it waits for, who can do what */
};

struct merge_blockers {
	struct merge_blocker items[MERGE_GATE_COUNT];
	size_t count; /* 0: it can be merged */
};

/* GitLab's word for the whole: the first blocker's, or "mergeable". */
const char *merge_blockers_word(const struct merge_blockers *blockers);
/* Auto-merge may be set: something blocks, and all that blocks may pass by itself. */
bool merge_blockers_wait(const struct merge_blockers *blockers);

struct merge_approval {
	struct user_brief user;
	struct instant created_at;
};

struct merge_facts {
	const struct merge_request *mr;
	struct merge_setting setting;
	struct merge_approval *approvals; /* of this head and target */
	size_t approvals_count;
	bool has_pipeline;     /* of the head: the latest of its branch or of the merge request */
	bool is_of_result;     /* it ran on what merging head and target, as they are, gives */
	bool is_of_old_target; /* it ran on what merging gave when the target stood elsewhere */
	struct pipeline_id pipeline;
	enum ci_status pipeline_status;
};

/* Reads the facts of a merge request that was loaded. lock: the pipeline's row, for a merge. */
MUST_USE int merge_gate_load(struct db *db, const struct merge_request *mr, bool lock,
			     struct arena *a, struct merge_facts *facts, struct err *e);
/* Pure. */
void merge_gate_judge(const struct merge_facts *facts, struct arena *a,
		      struct merge_blockers *blockers);

/* ---- approvals: of one head, for one target ---- */

/*
 * sha: the head that was looked at; none: whatever it is. ERR_CONFLICT if it is
 * another now. Refused for the author and for who pushed the head, and below
 * developer. Approving twice is fine.
 */
MUST_USE int merge_request_approve(struct db *db, const struct actor *actor,
				   struct project_id project, int64_t iid, struct str sha,
				   struct err *e);
/* ERR_NOT_FOUND if there is none. */
MUST_USE int merge_request_unapprove(struct db *db, const struct actor *actor,
				     struct project_id project, int64_t iid, struct err *e);
/* Why the actor may not approve, as a sentence; none: may. Pure but for access. */
struct str merge_request_why_not_approve(const struct merge_request *mr,
					 const struct merge_request_version *last,
					 const struct actor *actor,
					 const struct access_target *target, struct arena *a);

#endif
