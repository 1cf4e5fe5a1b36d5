/*
 * Merge requests: a branch shall become part of another. What one is and how it
 * is read. Lists are domain/merge_request_list.h, create, change, close and reopen
 * domain/merge_request_change.h, merging domain/merge.h, what stands in its way
 * domain/merge_gate.h, notes and threads domain/discussion.h.
 *
 *	opened <-> closed
 *	opened  -> merged      by a landing only (domain/merge.h), in its transaction
 *
 * A merge request belongs to its target project, which gives the iid. The source
 * may be another project (a fork). `ref` knows where both branches stand;
 * head_sha is written by the landing that moves the source branch, in its
 * transaction, together with a version, so it is never behind an accepted push.
 *
 * Whether both sides fit (check) holds for one pair of commits, checked_head and
 * checked_target; for any other pair it is not known. merge_request_refresh asks
 * the repository if it is not.
 *
 * Rows: whoever changes one locks it first (project, then merge_request, then
 * pipeline: forge/domain/README.md).
 * Strings live in the arena. Threads: as the db.
 */
#ifndef DOMAIN_MERGE_REQUEST_H
#define DOMAIN_MERGE_REQUEST_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "domain/access.h"
#include "domain/landing.h"

enum merge_request_state { MERGE_REQUEST_OPENED, MERGE_REQUEST_CLOSED, MERGE_REQUEST_MERGED };
/* "opened", "closed", "merged", as stored and in the API. */
const char *merge_request_state_word(enum merge_request_state state);
MUST_USE bool merge_request_state_from_word(struct str word, enum merge_request_state *state);

/* What the repository says about a pair of commits. */
enum merge_check {
	MERGE_UNCHECKED,
	MERGE_CLEAN,
	MERGE_CONFLICT,
	MERGE_CONTAINED, /* the target has everything already */
	MERGE_UNRELATED, /* no common history */
};

struct merge_people {
	struct user_brief *items;
	size_t count;
};

struct merge_request {
	struct merge_request_id id;
	struct project_id project; /* the target's */
	struct str project_path;
	int64_t iid;
	struct project_id source_project; /* 0: it was deleted */
	struct str source_path;           /* of that project; not everybody may see it */
	struct str source_branch;         /* short: "feature/x" */
	struct str target_branch;
	struct str title;
	struct str description; /* Markdown, or "" */
	enum merge_request_state state;
	bool is_draft; /* by its title: "Draft: ..." */
	struct str_list labels;
	struct user_brief author;
	struct merge_people assignees;
	struct merge_people reviewers;

	struct str head_sha;   /* of the last version; 40 hex digits */
	struct str base_sha;   /* the last version's merge base; none: not known yet */
	struct str start_sha;  /* where the target stood at the last version */
	struct str source_sha; /* where the branch stands now; none: it is gone */
	struct str target_sha;
	int64_t versions;

	enum merge_check check;    /* of head_sha and target_sha as they are now, else UNCHECKED */
	struct str_list conflicts; /* paths, at most 100 */
	bool is_behind;            /* the target has commits that the source has not */
	bool tree_is_tested;       /* merging gives exactly the files of head_sha */

	bool squash;
	bool remove_source; /* after the merge */
	int32_t open_threads;
	int32_t notes; /* by people; kept by domain/discussion.h */

	struct user_brief auto_merge_by; /* id 0: auto-merge is not set */
	struct str merge_error;          /* why the last auto-merge gave up; or none */

	struct str merge_sha;   /* the merge commit; none: fast-forward or squash */
	struct str squash_sha;  /* the squashed commit, or none */
	struct str merged_from; /* where the target stood before and after; none: not merged here */
	struct str merged_to;
	struct user_brief merged_by; /* id 0: by a push that contained it, or not merged */
	struct user_brief closed_by;
	bool has_merged_at, has_closed_at;
	struct instant merged_at;
	struct instant closed_at;
	struct instant created_at;
	struct instant updated_at;
};

struct merge_requests {
	struct merge_request *items;
	size_t count;
	int64_t total;
};

/* Pure: "Draft:", "[Draft]", "(Draft)" in any case. */
bool merge_request_title_is_draft(struct str title);
/* Pure: with "Draft: " before it, or without any such word. */
struct str merge_request_title_with_draft(struct str title, bool is_draft, struct arena *a);
/* Its source is another project, which may be gone. */
bool merge_request_is_from_fork(const struct merge_request *mr);
/* Where pipelines of its head run: in the fork, with what that has. */
struct project_id merge_request_pipeline_project(const struct merge_request *mr);
/* "refs/merge-requests/<iid>/head" */
struct str merge_request_ref(struct arena *a, int64_t iid);
/* "refs/merge-requests/<iid>/merge": what merging gives, while a pipeline needs it. */
struct str merge_request_result_ref(struct arena *a, int64_t iid);

/* Through its project; ERR_NOT_FOUND. The caller checked MERGE_REQUEST_READ (routes do). */
MUST_USE int merge_request_get(struct db *db, struct project_id project, int64_t iid,
			       struct arena *a, struct merge_request *mr, struct err *e);
MUST_USE int merge_request_find_by_id(struct db *db, struct merge_request_id id, struct arena *a,
				      struct merge_request *mr, bool *found, struct err *e);
/* The same with both sides checked now if they moved (one git operation; no db is held). */
MUST_USE int merge_request_refresh(const struct landing_request *request, int64_t iid,
				   struct arena *a, struct merge_request *mr, struct err *e);

/* Open ones whose source is this branch ("feature/x") of this project; newest first, at most 20. */
MUST_USE int merge_request_open_for_branch(struct db *db, struct project_id source_project,
					   struct str branch, struct arena *a,
					   struct merge_requests *list, struct err *e);

/* A state of the source branch; made by every push to it. */
struct merge_request_version {
	int64_t id;
	int64_t number; /* 1 is the first */
	struct str head_sha;
	struct str base_sha; /* none: not known yet; merge_request_refresh finds it */
	struct str start_sha;
	struct user_brief pusher;
	struct instant created_at;
};

/* Newest first, at most 1,000. */
MUST_USE int merge_request_versions(struct db *db, struct merge_request_id id, struct arena *a,
				    struct merge_request_version **versions, size_t *count,
				    struct err *e);

#endif
