/* From rows to struct merge_request, and what the files of merging share. */
#ifndef DOMAIN_MERGE_REQUEST_PRIVATE_H
#define DOMAIN_MERGE_REQUEST_PRIVATE_H

#include "domain/merge_request.h"
#include "domain/merge_request_change.h"

/* What a row says in words; for text that a CHECK of the schema vouches for. */
enum merge_request_state merge_request_row_state(struct str word);
enum merge_check merge_request_row_check(struct str word);
const char *merge_check_word(enum merge_check check);
struct merge_people merge_request_row_people(struct arena *a, struct i64_list ids,
					     struct str_list usernames, struct str_list names);

/* Locked in the caller's transaction, as it is now. ERR_NOT_FOUND. */
MUST_USE int merge_request_get_locked(struct db *db, struct project_id project, int64_t iid,
				      struct arena *a, struct merge_request *mr, struct err *e);

/*
 * A merge request from a fork, in two steps (domain/merge_request_fork.c): may it be,
 * at which head, under which number; then, inside the landing that brought the
 * head, the same again and the row.
 */
MUST_USE int merge_request_look_at_offer(struct db *db, const struct actor *actor,
					 struct project_id project,
					 const struct merge_request_new *in, struct arena *a,
					 int64_t *iid, struct str *head, struct err *e);
MUST_USE int merge_request_take_offer(struct db *db, const struct actor *actor,
				      struct project_id project, const struct merge_request_new *in,
				      struct str head, struct arena *a, int64_t iid, struct err *e);

/* Inside a landing: the head moves; a version more, approvals of the old one are void. */
struct merge_request_arrival {
	struct merge_request_id id;
	int64_t iid;
	struct project_id project;
	struct str old_head, head;
	struct str start; /* where the target stands */
	int64_t push_id;
	struct user_id pusher; /* 0: the system */
	bool is_forced;
};
MUST_USE int merge_request_move_head(struct db *db, const struct merge_request_arrival *arrival,
				     struct err *e);

/* Where a branch stands by the last landing; none: there is no such branch. */
MUST_USE int merge_request_find_tip(struct db *db, struct project_id project, struct str branch,
				    struct arena *a, struct str *oid, struct err *e);

/* A branch that must be there; the rest is for the sentence if it is not. */
struct merge_request_side {
	const char *which; /* "source" */
	struct project_id project;
	struct str place; /* the project's path */
	struct str branch;
};
MUST_USE int merge_request_need_tip(struct db *db, const struct merge_request_side *side,
				    struct arena *a, struct str *oid, struct err *e);
/* Whose push brought a branch to where it is, whoever speaks of it now; 0: the system's. */
MUST_USE int merge_request_find_pusher(struct db *db, struct project_id project, struct str branch,
				       struct arena *a, struct user_id *pusher, struct err *e);
/* For the caller's transaction: ERR_NOT_FOUND if it was deleted. */
MUST_USE int merge_request_lock_project(struct db *db, struct project_id project, struct arena *a,
					struct err *e);

/* merge_request_fields.c: what is written in it, and by whom it may be. */
MUST_USE int merge_request_check_description(struct str text, struct err *e);
MUST_USE int merge_request_check_labels(struct str_list labels, struct err *e);
/* Each once, in the order in which they were given. */
struct str_list merge_request_join_labels(struct arena *a, struct str_list base,
					  struct str_list more, struct str_list less);
MUST_USE int merge_request_set_people(struct db *db, int64_t id, const char *role,
				      struct i64_list given, struct arena *a, struct err *e);
MUST_USE int merge_request_refuse_marks(struct str place, struct err *e);

/* A line of Hearth's among the notes: "merged", "closed", ... */
MUST_USE int merge_request_say(struct db *db, const struct merge_request *mr, struct user_id by,
			       struct str text, struct err *e);

/* "group/project!5" into the audit log. */
MUST_USE int merge_request_audit(struct db *db, const struct actor *actor, const char *act,
				 const struct merge_request *mr, struct str detail, struct err *e);

/* One initializer for the row types of all statements. */
#define MERGE_REQUEST_BRIEF(row, id, username, name)                              \
	{                                                                         \
		{ (row)->has_##id ? (row)->id : 0 }, (row)->username, (row)->name \
	}

#define MERGE_REQUEST_OF_ROW(a, row)                                                               \
	((struct merge_request){                                                                   \
		.id = { (row)->id },                                                               \
		.project = { (row)->project_id },                                                  \
		.project_path = (row)->project_path,                                               \
		.iid = (row)->iid,                                                                 \
		.source_project = { (row)->has_source_project_id ? (row)->source_project_id : 0 }, \
		.source_path = (row)->source_project_path,                                         \
		.source_branch = (row)->source_branch,                                             \
		.target_branch = (row)->target_branch,                                             \
		.title = (row)->title,                                                             \
		.description = (row)->description,                                                 \
		.state = merge_request_row_state((row)->state),                                    \
		.is_draft = (row)->is_draft,                                                       \
		.labels = (row)->labels,                                                           \
		.author = MERGE_REQUEST_BRIEF(row, author_id, author_username, author_name),       \
		.assignees = merge_request_row_people((a), (row)->assignee_ids,                    \
						      (row)->assignee_usernames,                   \
						      (row)->assignee_names),                      \
		.reviewers = merge_request_row_people((a), (row)->reviewer_ids,                    \
						      (row)->reviewer_usernames,                   \
						      (row)->reviewer_names),                      \
		.head_sha = (row)->head_sha,                                                       \
		.base_sha = (row)->base_sha,                                                       \
		.start_sha = (row)->start_sha,                                                     \
		.source_sha = (row)->source_sha,                                                   \
		.target_sha = (row)->target_sha,                                                   \
		.versions = (row)->last_version,                                                   \
		.check = merge_request_row_check((row)->merge_check),                              \
		.conflicts = (row)->conflicts,                                                     \
		.is_behind = (row)->is_behind,                                                     \
		.tree_is_tested = (row)->tree_is_tested,                                           \
		.squash = (row)->squash,                                                           \
		.remove_source = (row)->remove_source,                                             \
		.open_threads = (row)->open_threads,                                               \
		.notes = (row)->notes,                                                             \
		.auto_merge_by = MERGE_REQUEST_BRIEF(row, auto_merge_by, auto_merge_username,      \
						     auto_merge_name),                             \
		.merge_error = (row)->merge_error,                                                 \
		.merge_sha = (row)->merge_sha,                                                     \
		.squash_sha = (row)->squash_sha,                                                   \
		.merged_from = (row)->merged_from,                                                 \
		.merged_to = (row)->merged_to,                                                     \
		.merged_by =                                                                       \
			MERGE_REQUEST_BRIEF(row, merged_by, merged_by_username, merged_by_name),   \
		.closed_by =                                                                       \
			MERGE_REQUEST_BRIEF(row, closed_by, closed_by_username, closed_by_name),   \
		.has_merged_at = (row)->has_merged_at,                                             \
		.has_closed_at = (row)->has_closed_at,                                             \
		.merged_at = (row)->merged_at,                                                     \
		.closed_at = (row)->closed_at,                                                     \
		.created_at = (row)->created_at,                                                   \
		.updated_at = (row)->updated_at,                                                   \
	})

#endif
