/*
 * Merging: the operation GIT_OP_MERGE makes the commit in a quarantine, the
 * landing (domain/landing.h) brings it in. Inside the landing's one transaction,
 * under the locks of project, merge request and pipeline, everything is asked
 * again: still open, same head, same target, every gate (domain/merge_gate.h).
 * If one of them closed meanwhile nothing has happened, and the sentence says
 * which. The same transaction writes "merged".
 *
 * The request is the caller's (api_landing, or the pages' own): its actor is
 * who merges; source is set here. No connection may be held by the caller.
 * Threads: one call, one thread; it waits for a git operation.
 */
#ifndef DOMAIN_MERGE_H
#define DOMAIN_MERGE_H

#include "domain/merge_gate.h"

struct merge_options {
	struct str sha;     /* the head that was looked at; none: whatever it is */
	struct str message; /* of the merge commit; none: merge_default_message */
	struct str squash_message;
	bool has_squash, squash; /* else as the merge request says */
	bool has_remove_source, remove_source;
};

struct merge_result {
	struct str commit; /* where the target branch stands now */
	bool removed_source;
	struct str source_kept; /* why the source branch was not deleted; none: it was, or should
				   stay */
};

/*
 * ERR_FORBIDDEN: not allowed to merge into the target; ERR_CONFLICT: the head is
 * not `sha` any more, or somebody was faster; ERR_PRECONDITION: a gate is
 * closed, with its sentence.
 */
MUST_USE int merge_request_merge(const struct landing_request *request, int64_t iid,
				 const struct merge_options *options, struct arena *a,
				 struct merge_result *result, struct err *e);

/* May the actor merge it (level and protection of the target)? e: why not. */
MUST_USE int merge_request_check_merger(struct db *db, const struct actor *actor,
					const struct merge_request *mr, struct arena *a,
					struct err *e);

/* "Merge branch 'S' into 'T'", blank, title, blank, "See merge request g/p!1". Pure. */
struct str merge_default_message(const struct merge_request *mr, struct arena *a);

/*
 * Auto-merge: merged for this actor as soon as the gates that may pass by
 * themselves have passed. A push, a closed merge request or a lost right ends
 * it. sha as in merge_options.
 */
MUST_USE int merge_request_set_auto_merge(struct db *db, const struct actor *actor,
					  struct project_id project, int64_t iid,
					  const struct merge_options *options, struct err *e);
MUST_USE int merge_request_cancel_auto_merge(struct db *db, const struct actor *actor,
					     struct project_id project, int64_t iid, struct err *e);

/*
 * Brings the target into the source branch (a merge commit there, by the actor),
 * so that the pipeline runs on what the merge will give.
 */
MUST_USE int merge_request_update_branch(const struct landing_request *request, int64_t iid,
					 struct arena *a, struct err *e);

/*
 * Takes back what a merge brought: a branch "revert-..." with one commit on top
 * of the target, and the merge request for it. ERR_UNPROCESSABLE: it was not
 * merged here; ERR_CONFLICT: later changes touch the same lines, with the
 * commands to do it by hand.
 */
MUST_USE int merge_request_revert(const struct landing_request *request, int64_t iid,
				  struct arena *a, int64_t *revert_iid, struct err *e);

/* ---- for landing, pipelines and threads: inside their transactions ---- */

/*
 * The landing moved or removed branches (new_oid zeros). Heads and versions of
 * open merge requests follow, approvals and auto-merge of the old head end, and
 * events are added. Full names; one entry a ref.
 */
struct merge_request_pushed {
	struct project_id project;
	int64_t push_id;
	struct user_id pusher; /* 0: the system */
	struct str_list names;
	struct str_list old_oids;
	struct str_list new_oids;
	struct i64_list forced;
};
MUST_USE int merge_request_note_push(struct db *db, const struct merge_request_pushed *pushed,
				     struct arena *a, struct err *e);

/* A pipeline of this commit ended: what waits for it is looked at (outbox). */
MUST_USE int merge_request_note_pipeline(struct db *db, struct pipeline_id pipeline, struct err *e);

/*
 * For domain/discussion: locks the row, so that threads and a merge exclude each
 * other; then the counters as they are now. Adds the event for auto-merge.
 */
MUST_USE int merge_request_lock(struct db *db, struct merge_request_id id, struct arena *a,
				struct err *e);
MUST_USE int merge_request_note_threads(struct db *db, struct merge_request_id id,
					int32_t open_threads, int32_t notes, struct err *e);

#endif
