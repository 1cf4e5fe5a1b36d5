/*
 * Merge requests from forks: the source branch is in another repository, so its
 * commits are brought into the target's before anything is said of them, to
 * refs/merge-requests/<iid>/head, by a landing whose transaction writes the row or
 * the version (domain/landing_bring.h). What people see of it, merge, fetch and
 * diff is the target's own.
 *
 * Who may push to the fork offers; whoever may read the target may be offered to.
 * Nothing of the target's rights, secrets, runners or environments goes to the
 * fork: its pipelines are the fork's own, of its branch.
 */
#ifndef DOMAIN_MERGE_REQUEST_FORK_H
#define DOMAIN_MERGE_REQUEST_FORK_H

#include "domain/merge_request_change.h"

/*
 * merge_request_create for any source: request->project is the target,
 * in->source_project 0 or the target itself is the ordinary case. The same errors.
 * It waits for git operations, so no connection may be held.
 */
MUST_USE int merge_request_open(const struct landing_request *request,
				const struct merge_request_new *in, struct arena *a, int64_t *iid,
				struct err *e);

/*
 * The source branch moved on in the fork: its commits and a version follow, if who
 * pushed them may still offer here. *moved: read the merge request again. For the
 * outbox; request is the system's.
 */
MUST_USE int merge_request_follow_fork(const struct landing_request *request,
				       const struct merge_request *mr, struct arena *a, bool *moved,
				       struct err *e);

/*
 * After a merge that asked for it: deletes the source branch in the fork, if it
 * still stands at the merged head and the actor may. *kept: why it stays, or none.
 */
void merge_request_remove_fork_branch(const struct landing_request *request,
				      const struct merge_request *mr, struct arena *a,
				      struct str *kept);

/* The project that merge requests of this fork go to unless said otherwise; itself: no fork, or
 * the source may not be offered to by this actor. */
MUST_USE int merge_request_default_target(struct db *db, const struct actor *actor,
					  struct project_id project, struct arena *a,
					  struct project_id *target, struct err *e);

#endif
