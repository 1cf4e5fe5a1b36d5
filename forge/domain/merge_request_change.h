/*
 * Creating and changing merge requests. Each function checks the actor's right in
 * its own transaction, or joins the caller's, and writes audit.
 */
#ifndef DOMAIN_MERGE_REQUEST_CHANGE_H
#define DOMAIN_MERGE_REQUEST_CHANGE_H

#include "domain/merge_request.h"

#define MERGE_REQUEST_TITLE_MAX 255         /* characters */
#define MERGE_REQUEST_DESCRIPTION_MAX 65536 /* bytes */
#define MERGE_REQUEST_PEOPLE_MAX 100
#define MERGE_REQUEST_LABELS_MAX 50

struct merge_request_new {
	struct project_id source_project; /* 0: the target project */
	struct str source_branch;         /* short */
	struct str target_branch;         /* none: the next branch of the promotion path */
	struct str title;                 /* none: made from the branch's name */
	struct str description;
	struct str_list labels;
	struct i64_list assignees; /* ids of users */
	struct i64_list reviewers;
	bool has_squash, squash; /* else as the project has it */
	bool has_remove_source, remove_source;
};

/*
 * Joins the caller's transaction, or is one; the caller then asks
 * merge_request_refresh for the check (or leaves it to the outbox).
 * ERR_CONFLICT: an open one for the same two branches (*iid is that one's);
 * ERR_UNPROCESSABLE: a branch is missing, both are the same, bad title or people.
 */
MUST_USE int merge_request_create(struct db *db, const struct actor *actor,
				  struct project_id project, const struct merge_request_new *in,
				  struct arena *a, int64_t *iid, struct err *e);
/* The branch a merge request from `branch` should go to: stage, from stage the default branch. */
MUST_USE int merge_request_propose_target(struct db *db, const struct project *project,
					  struct str branch, struct arena *a, struct str *target,
					  struct err *e);

enum merge_request_act { MERGE_REQUEST_KEEP, MERGE_REQUEST_CLOSE, MERGE_REQUEST_REOPEN };

struct merge_request_change {
	struct str title; /* none: leave */
	struct str description;
	struct str target_branch; /* approvals of the old target are void */
	bool has_draft;           /* changes the title */
	bool is_draft;
	bool has_labels;
	struct str_list labels;
	struct str_list add_labels;
	struct str_list remove_labels;
	bool has_assignees;
	struct i64_list assignees;
	bool has_reviewers;
	struct i64_list reviewers;
	bool has_squash, squash;
	bool has_remove_source, remove_source;
	enum merge_request_act act;
};

/* By its author, or developers and above. Joins the caller's transaction, or is one. */
MUST_USE int merge_request_update(struct db *db, const struct actor *actor,
				  struct project_id project, int64_t iid,
				  const struct merge_request_change *in, struct err *e);

#endif
