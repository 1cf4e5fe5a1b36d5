/*
 * The operation's half of a landing (the front's is domain/landing.h): facts
 * for the policy, the two locks, installing objects, preparing and committing
 * refs. Used by receive and refs.
 *
 * Lock order: hearth.objects (shared) -> hearth.landing -> git's *.lock.
 */
#ifndef ROLES_GIT_LAND_H
#define ROLES_GIT_LAND_H

#include "git/ref_snapshot.h"
#include "roles/git_ingest.h"
#include "roles/git_ref_update.h"

struct git_read_door; /* roles/git_read.h */

struct git_land_ref {
	struct str name;
	char old_oid[GIT_OID_TEXT]; /* zeros: must not exist */
	char new_oid[GIT_OID_TEXT]; /* zeros: delete */
	uint32_t facts;
	bool any_old;      /* old_oid is to be filled with what is there */
	struct str reason; /* none: not refused */
};

struct git_land {
	struct git_child *c;
	struct git_land_ref *refs;
	size_t count;
	bool is_atomic;
	struct git_ingest ingest; /* quarantine NULL: nothing to install */
	const struct str *options;
	size_t option_count;
	int objects_lock; /* -1 until taken */
	int landing_lock;
	struct buf output; /* lines for the pusher */
	bool has_committed;
	struct git_read_door *reading; /* NULL until something is read */
};

void git_land_init(struct git_land *l, struct git_child *c);
void git_land_fini(struct git_land *l);

/* Refuses one ref; with is_atomic git_land_spread then refuses the others. */
void git_land_refuse(struct git_land *l, size_t index, struct str reason);
void git_land_refuse_all(struct git_land *l, struct str reason);
size_t git_land_open(const struct git_land *l); /* how many are not refused */

/* Shared with other pushes; housekeeping that removes objects waits for it, or it for that. */
MUST_USE int git_land_lock_objects(struct git_land *l, struct err *e);

/*
 * facts, policy, landing, in this order. On success every ref either landed or
 * has a reason. An error means nothing landed, but for one after the front's
 * COMMIT (has_committed): then the database knows, and settling finishes it.
 */
MUST_USE int git_land_run(struct git_land *l, struct err *e);

/* git_facts.c: types of new values, forced updates. May refuse refs. */
MUST_USE int git_land_find_facts(struct git_land *l, struct err *e);

#endif
