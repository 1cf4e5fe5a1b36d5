/*
 * Whom the process runs as. Root makes the users and gives itself up; nobody
 * else changes anything.
 *
 *	hearth      the roles, PostgreSQL, Redis; owns the data
 *	hearth-ssh  the processes that talk to SSH clients
 */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

#define PRIVILEGE_USER "hearth"
#define PRIVILEGE_SSH_USER "hearth-ssh"

struct owner {
	uid_t uid;
	gid_t gid;
	char name[64]; /* "1005" if the system does not know the uid */
};

void owner_from_uid(uid_t uid, gid_t gid, struct owner *owner);

/* ERR_NOT_FOUND if there is no such user. */
MUST_USE int owner_find(const char *name, struct owner *owner, struct err *e);

/* As root: makes both users if they are not there (useradd). */
MUST_USE int privilege_make_users(struct arena *a, struct err *e);

/* If we are root and owner is not: becomes owner for good. Otherwise nothing. */
MUST_USE int privilege_drop(const struct owner *owner, struct err *e);

/* umask 077, no core files, as many descriptors as allowed, no SIGPIPE. At the start of every
 * process. */
void privilege_limits(void);

#endif
