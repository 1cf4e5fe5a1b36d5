/*
 * One transaction of `git update-ref --stdin`: start and prepare take all locks
 * and compare old values, commit renames. The process inherits the landing
 * lock, so the lock outlives us if we are killed in between.
 */
#ifndef ROLES_GIT_REF_UPDATE_H
#define ROLES_GIT_REF_UPDATE_H

#include "roles/git_child.h"

struct git_ref_update {
	struct git_child *c;
	struct git_process process;
	struct buf commands;
	int messages; /* a memfd with its stderr */
};

void git_ref_update_init(struct git_ref_update *u, struct git_child *c);
void git_ref_update_fini(struct git_ref_update *u); /* aborts what is not committed */

/* old_oid "" = whatever it is. A zero new_oid deletes. */
void git_ref_update_add(struct git_ref_update *u, struct str name, const char *old_oid,
			const char *new_oid);
/* ERR_CONFLICT with git's words if a lock or an old value is not to be had. */
MUST_USE int git_ref_update_prepare(struct git_ref_update *u, int lock_fd, struct err *e);
MUST_USE int git_ref_update_commit(struct git_ref_update *u, struct err *e);

/* git syncs files, not folders: after the commit, the folders of these names. */
MUST_USE int git_ref_update_sync_folder(struct git_child *c, struct str name, struct err *e);

#endif
