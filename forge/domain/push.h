/*
 * What was pushed: rows push and push_ref, written by landing's transaction and
 * never changed (but for the mark that the refs on disk follow). They are the
 * repository's reflog, feed the activity list, and start pipelines.
 *
 * Threads: as the db.
 */
#ifndef DOMAIN_PUSH_H
#define DOMAIN_PUSH_H

#include "base/arena.h"
#include "domain/landing.h"

struct push_ref {
	struct str name;    /* full */
	struct str old_oid; /* 40 hex digits; all zero: it was created */
	struct str new_oid; /* all zero: it was deleted */
	bool is_forced;
};

struct push {
	int64_t id;
	struct project_id project;
	struct user_id user; /* 0: the system */
	struct str username; /* none: the system, or the user is gone */
	struct str source;
	struct instant created_at;
	struct push_ref *refs;
	size_t refs_count;
};

/* ERR_NOT_FOUND if the project has no such push. */
MUST_USE int push_get(struct db *db, struct project_id project, int64_t id, struct arena *a,
		      struct push *push, struct err *e);
/* Newest first. */
MUST_USE int push_list(struct db *db, struct project_id project, const struct listing *listing,
		       struct arena *a, struct push **pushes, size_t *count, struct err *e);

#endif
