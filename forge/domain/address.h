/* Taking and moving addresses; inside domain/, within a transaction. */
#ifndef DOMAIN_ADDRESS_H
#define DOMAIN_ADDRESS_H

#include "domain/namespace.h"

/* "parent/segment", or the segment alone if the parent is none. */
struct str address_join(struct arena *a, struct str parent, struct str segment);

/* Exactly one id is not 0. ERR_CONFLICT with a sentence if the path is taken. */
MUST_USE int address_take(struct db *db, struct str path, struct namespace_id namespace,
			  struct project_id project, struct err *e);

/* A namespace with all below it, or a project: the old addresses lead on. */
MUST_USE int address_move(struct db *db, struct str from, struct str to, struct arena *a,
			  struct err *e);

#endif
