/*
 * Lists of merge requests: of one project, or of all that the actor sees.
 * Strings live in the arena. Threads: as the db.
 */
#ifndef DOMAIN_MERGE_REQUEST_LIST_H
#define DOMAIN_MERGE_REQUEST_LIST_H

#include "domain/merge_request.h"

enum merge_request_order { MERGE_REQUEST_BY_CREATED, MERGE_REQUEST_BY_UPDATED };

struct merge_request_filter {
	struct project_id project;     /* 0: of every project the actor sees */
	struct namespace_id namespace; /* 0: wherever; else this group and those below */
	bool has_state;
	enum merge_request_state state;
	struct user_id author;
	struct user_id assignee;
	struct user_id reviewer;
	struct str source_branch; /* none: any */
	struct str target_branch;
	struct str_list labels; /* it has all of them; empty: any */
	struct str search;      /* in title and description */
	struct str head_sha;
	bool has_draft;
	bool is_draft;
	struct i64_list iids; /* empty: any */
	bool waits_for_me;    /* the actor reviews it and has not approved this head */
	enum merge_request_order order;
	bool is_ascending;
};

/* What the actor may see (reporter, or by visibility). */
MUST_USE int merge_request_list(struct db *db, const struct actor *actor,
				const struct merge_request_filter *filter, struct listing slice,
				struct arena *a, struct merge_requests *list, struct err *e);

struct merge_request_counts {
	int64_t opened;
	int64_t closed;
	int64_t merged;
};
MUST_USE int merge_request_count(struct db *db, struct project_id project, struct arena *a,
				 struct merge_request_counts *counts, struct err *e);

#endif
