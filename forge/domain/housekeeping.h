/*
 * Keeping house: which repository is to be tidied when, which is to be removed,
 * and what ends by the clock. Only work calls it; it acts for the system.
 * Threads: as the db.
 */
#ifndef DOMAIN_HOUSEKEEPING_H
#define DOMAIN_HOUSEKEEPING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "domain/types.h"

struct db;

struct tidying {
	struct project_id project;
	int32_t pushes; /* since the last time; one of many refs counts as several */
	bool is_full;   /* the week is over */
};

/* Inside a landing's transaction. refs: how many it changes. */
MUST_USE int housekeeping_note_push(struct db *db, struct project_id project, size_t refs,
				    struct err *e);

/* Takes the repository that is due longest; it is due again in 3 hours if nobody says done. */
MUST_USE int housekeeping_claim(struct db *db, struct arena *a, struct tidying *tidying,
				bool *found, struct err *e);
MUST_USE int housekeeping_done(struct db *db, const struct tidying *tidying, struct err *e);

/*
 * Names of commits that stay although their branch is gone: of pipelines of the last
 * HOUSEKEEPING_KEEP_DAYS and those that are not over, and of the last deployments of each
 * environment. At most 20,000, the newest.
 */
#define HOUSEKEEPING_KEEP_DAYS 90
MUST_USE int housekeeping_list_kept(struct db *db, struct project_id project, struct arena *a,
				    struct str_list *commits, struct err *e);

/* Deleted projects: their repository is to be removed, then their row (note_removed). */
MUST_USE int housekeeping_list_removable(struct db *db, struct arena *a, struct project_id **ids,
					 size_t *count, struct err *e);
MUST_USE int housekeeping_note_removed(struct db *db, struct project_id project, struct err *e);

/* Projects with a repository, in portions: those after an id, by id. */
MUST_USE int housekeeping_list_repositories(struct db *db, struct project_id after, struct arena *a,
					    struct project_id **ids, size_t *count, struct err *e);

/* Sessions, one-time links and rate counters whose time is over. */
MUST_USE int housekeeping_expire(struct db *db, struct err *e);

#endif
