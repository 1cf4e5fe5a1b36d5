/*
 * The audit log: who did what to which object, from where, with which
 * credential. Rows are only ever added (a trigger refuses anything else).
 * Domain functions write it inside the transaction of the act itself.
 * Values of secrets never enter it.
 */
#ifndef DOMAIN_AUDIT_H
#define DOMAIN_AUDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

struct audit_event {
	const char *act;         /* "user.create", "member.update" */
	const char *object_kind; /* "user", "project", ... */
	int64_t object_id;
	struct str object;         /* its name or path as it was */
	struct str detail;         /* a JSON object, or none */
	struct project_id project; /* 0: none */
	struct namespace_id namespace;
};

MUST_USE int audit_record(struct db *db, const struct actor *actor, const struct audit_event *event,
			  struct err *e);

#endif
