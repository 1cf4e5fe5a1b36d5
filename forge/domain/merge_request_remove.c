#include "domain/merge_request_remove.h"

#include "domain/event_handlers.h"
#include "domain/merge_request_private.h"
#include "store/db.h"

#include "q/merge_request.h"
#include "q/ref.h"

struct removal {
	const struct actor *actor;
	struct project_id project;
	int64_t iid;
	struct arena *a;
};

static int remove_it(struct db *db, void *closure, struct err *e)
{
	const struct removal *r = closure;
	struct project_access access;
	struct merge_request mr;

	if (access_find_project_by_id(db, r->actor, r->project, r->a, &access, e) < 0 ||
	    access_check(r->actor, ACTION_MERGE_REQUEST_REMOVE, &access.target, e) < 0 ||
	    merge_request_get_locked(db, r->project, r->iid, r->a, &mr, e) < 0)
		return -(int)e->code;
	if (mr.state == MERGE_REQUEST_MERGED)
		return err_set(e, ERR_CONFLICT,
			       "!%lld was merged, so it is part of the history and stays. To take "
			       "it back, revert it.",
			       (long long)r->iid);
	if (q_merge_request_remove(db, &(struct q_merge_request_remove_in){ mr.id.v }, NULL, e) <
		    0 ||
	    event_add(db, EVENT_MERGE_REQUEST_GONE, r->project, r->iid, e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, r->actor, "merge_request.remove", &mr, STR_NONE, e);
}

int merge_request_remove(struct db *db, const struct actor *actor, struct project_id project,
			 int64_t iid, struct err *e)
{
	struct removal r = { actor, project, iid, arena_open(0) };
	int result = db_transaction(db, remove_it, &r, e);

	arena_close(r.a);
	return result;
}

/* ---- from the outbox: its refs ---- */

#define REFS_MAX 100 /* at once */

static int add_refs(const struct event_context *context, const struct event *event,
		    const char *folder, struct arena *a, struct landing_change *changes,
		    size_t *count, struct err *e)
{
	const struct q_ref_below_in in = {
		event->project.v, arena_fmt(a, "%s/%lld/", folder, (long long)event->subject),
		REFS_MAX
	};
	struct q_ref_below_row *rows;
	AUTO_DB db = NULL;
	size_t found;

	if (db_acquire(context->db, &db, e) < 0 || q_ref_below(db, &in, a, &rows, &found, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < found; i++)
		changes[(*count)++] = (struct landing_change){ .name = rows[i].name,
							       .old_oid = rows[i].oid,
							       .new_oid = STR(GIT_ZERO_OID) };
	return 0;
}

int event_on_merge_request_gone(const struct event_context *context, const struct event *event,
				struct arena *a, struct err *e)
{
	const struct actor system = actor_system();
	const struct landing_request request = { .db = context->db,
						 .run = context->run,
						 .actor = &system,
						 .project = event->project,
						 .source = PUSH_SOURCE_SYSTEM };
	struct landing_change changes[2 * REFS_MAX];
	size_t count;

	do {
		count = 0;
		if (add_refs(context, event, "refs/merge-requests", a, changes, &count, e) < 0 ||
		    add_refs(context, event, "refs/forge/merge-requests", a, changes, &count, e) <
			    0)
			return -(int)e->code;
		if (count > 0 && landing_change_refs(&request, changes, count, e) < 0)
			return -(int)e->code;
	} while (count >= REFS_MAX);
	return 0;
}
