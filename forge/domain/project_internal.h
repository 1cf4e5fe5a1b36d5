/* What the files project_*.c share; inside domain/, within a transaction. */
#ifndef DOMAIN_PROJECT_INTERNAL_H
#define DOMAIN_PROJECT_INTERNAL_H

#include "domain/project.h"

/* The row as it is now. ERR_NOT_FOUND if it was deleted. */
MUST_USE int project_read(struct db *db, struct project_id id, struct arena *a,
			  struct project *project, struct err *e);
/* Inserts without asking for rights; owner 0: nobody becomes owner. */
MUST_USE int project_insert(struct db *db, const struct actor *actor, const struct project_new *in,
			    struct user_id owner, struct arena *a, struct project_id *id,
			    struct err *e);
MUST_USE int project_record(struct db *db, const struct actor *actor, const char *act,
			    const struct project *project, struct str detail, struct err *e);
/* The namespace, locked, if a project of that visibility can be put into it; its path. */
MUST_USE int project_lock_namespace(struct db *db, struct namespace_id id, enum visibility wanted,
				    struct arena *a, struct str *path, struct err *e);

#endif
