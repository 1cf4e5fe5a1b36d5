/* What project.c needs of group.c; inside domain/, within a transaction. */
#ifndef DOMAIN_GROUP_H
#define DOMAIN_GROUP_H

#include "domain/namespace.h"

/* Inserts without asking for rights; owner 0: nobody becomes owner. */
MUST_USE int group_insert(struct db *db, const struct actor *actor, const struct group_new *in,
			  struct user_id owner, struct arena *a, struct namespace_id *id,
			  struct err *e);

/* ERR_UNPROCESSABLE if something this visible cannot be in a namespace of that visibility. */
MUST_USE int group_check_visibility(enum namespace_kind kind, enum visibility of_namespace,
				    enum visibility wanted, struct str path, struct err *e);

#endif
