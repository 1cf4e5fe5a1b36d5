/* The runner of this very host, which the supervisor starts: one row, a new token each time. */
#include "domain/runner.h"

#include "domain/audit.h"
#include "secret/secret.h"
#include "store/db.h"

#include "q/runner.h"

#define LOCAL_DESCRIPTION "Local runner"

struct renewing {
	const struct actor *actor;
	struct arena *arena;
	struct runner_id id;
	struct str token;
};

static int make(struct db *db, struct renewing *r, struct err *e)
{
	const struct runner_new in = { .kind = RUNNER_INSTANCE,
				       .description = STR(LOCAL_DESCRIPTION),
				       .run_untagged = true };

	if (runner_create(db, r->actor, &in, r->arena, &r->id, &r->token, e) < 0)
		return -(int)e->code;
	return q_runner_mark_local(db, &(struct q_runner_mark_local_in){ r->id.v }, NULL, e);
}

static int renew(struct db *db, void *closure, struct err *e)
{
	struct renewing *r = closure;
	struct q_runner_renew_local_row row = { 0 };
	bool found;

	r->token = secret_token(r->arena, "glrt-");
	if (q_runner_renew_local(
		    db,
		    &(struct q_runner_renew_local_in){ secret_sha256_bytes(r->arena, r->token) },
		    r->arena, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return make(db, r, e);
	r->id.v = row.id;
	return audit_record(db, r->actor,
			    &(struct audit_event){ .act = "runner.renew_token",
						   .object_kind = "runner",
						   .object_id = row.id,
						   .object = STR(LOCAL_DESCRIPTION) },
			    e);
}

int runner_renew_local(struct db *db, const struct actor *actor, struct arena *a,
		       struct runner_id *id, struct str *token, struct err *e)
{
	struct renewing r = { .actor = actor, .arena = a };

	if (db_transaction(db, renew, &r, e) < 0)
		return -(int)e->code;
	*id = r.id;
	*token = r.token;
	return 0;
}
