/*
 * Taking a pack in: into a quarantine folder, through `git index-pack --strict`,
 * which judges every object and every link. Nothing outside the quarantine
 * sees the objects until git_ingest_install moves them.
 *
 * Errors with public codes are the pusher's (they go into the report); others
 * end the operation.
 */
#ifndef ROLES_GIT_INGEST_H
#define ROLES_GIT_INGEST_H

#include "roles/git_child.h"
#include "roles/git_report.h"

struct git_ingest {
	char *quarantine; /* NULL: the pack held no objects */
	int lock;         /* flock on the folder: its owner is alive */
	int64_t pack_bytes;
};

/* Reads exactly the pack from c->in. */
MUST_USE int git_ingest_take(struct git_child *c, struct git_report *report,
			     struct git_ingest *ingest, struct err *e);

/* A quarantine for objects that git makes here (a merge); only packs in it are installed. */
MUST_USE int git_ingest_make(struct git_child *c, struct git_ingest *ingest, struct err *e);
/* Puts the loose objects that were made in it into one pack, which install then takes. */
MUST_USE int git_ingest_pack_loose(struct git_child *c, struct git_ingest *ingest, struct err *e);

/* Into objects/pack, durably: .pack first, .idx last. */
MUST_USE int git_ingest_install(struct git_child *c, const struct git_ingest *ingest,
				struct err *e);
/* Removes the quarantine folder; what cannot be removed now goes with the next push. */
void git_ingest_discard(struct git_ingest *ingest);
/* Quarantines whose owners were killed. */
MUST_USE int git_ingest_drop_dead(struct git_child *c, struct err *e);
/* All quarantines and temporary packs; the caller has the objects lock alone. */
MUST_USE int git_ingest_drop_leftovers(struct git_child *c, struct err *e);

#endif
