/*
 * Bringing refs on disk to the values the database recorded last, after a
 * crash. The landing lock is held, so no lock file of git's can be alive:
 * whatever *.lock is found is stale and goes.
 */
#ifndef ROLES_GIT_SETTLE_H
#define ROLES_GIT_SETTLE_H

#include "roles/git_child.h"

struct git_settle {
	struct git_message *refs; /* GIT_MSG_SETTLE each */
	size_t count;
	size_t room;
};

/* Receives SETTLE* until GO. */
MUST_USE int git_settle_receive(struct git_child *c, struct git_settle *settle, struct err *e);
/* *changed: refs that had another value. */
MUST_USE int git_settle_apply(struct git_child *c, const struct git_settle *settle, int lock_fd,
			      size_t *changed, struct err *e);

/* refs, packed-refs and HEAD: every lock file. */
MUST_USE int git_settle_drop_locks(struct git_child *c, struct err *e);

#endif
