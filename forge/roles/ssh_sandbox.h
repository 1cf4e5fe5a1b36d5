/*
 * What an ssh child may still do once it talks with a stranger: read, write
 * and poll the descriptors it has, take memory, look at the clock, leave.
 * No files, no sockets, no programs, no signals to others.
 *
 * Threads: the calling process must have one.
 */
#ifndef ROLES_SSH_SANDBOX_H
#define ROLES_SSH_SANDBOX_H

#include "base/err.h"

#include <sys/types.h>

enum ssh_sandbox_mode {
	SSH_SANDBOX_AUTO,     /* do it; go on where the kernel has no seccomp */
	SSH_SANDBOX_REQUIRED, /* do it or refuse to serve */
	SSH_SANDBOX_OFF,      /* for debugging */
};

/* Becomes uid and gid for good, with no groups; ERR_INTERNAL if any of it did not happen. */
MUST_USE int ssh_sandbox_drop_user(uid_t uid, gid_t gid, struct err *e);

/*
 * For the master, as root: becomes uid and gid for good, and of root's rights
 * keeps only those to make a child another user and to end it.
 */
MUST_USE int ssh_sandbox_keep_setuid(uid_t uid, gid_t gid, struct err *e);

/* Limits and the seccomp list. After this there is no way back. */
MUST_USE int ssh_sandbox_enter(enum ssh_sandbox_mode mode, struct err *e);

/* True if this kernel can; for the start-up check of `required`. */
bool ssh_sandbox_is_possible(void);

#endif
