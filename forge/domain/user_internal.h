/* What the files user_*.c share; inside domain/. */
#ifndef DOMAIN_USER_INTERNAL_H
#define DOMAIN_USER_INTERNAL_H

#include "domain/user.h"

MUST_USE int user_record(struct db *db, const struct actor *actor, const char *act,
			 struct user_id id, struct str username, struct err *e);

/* Writes the hash, ends links and sessions (but `keep`), records; within a transaction. */
struct password_change {
	const struct actor *actor;
	struct user_id user;
	struct session_id keep; /* 0: no session is kept */
	struct str username;
	struct str hash;
};
MUST_USE int user_write_password(struct db *db, const struct password_change *change,
				 struct err *e);

#endif
