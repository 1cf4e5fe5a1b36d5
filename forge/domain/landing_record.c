/*
 * The transaction of a landing and what surrounds it: the push's id is taken
 * before, so that a COMMIT whose answer was lost can be looked up by it.
 *
 * Row order: project, push, ref, push_ref, merge_request, pipeline, job, outbox,
 * housekeeping.
 */
#include "domain/landing_private.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/list.h"
#include "domain/actor.h"
#include "domain/event.h"
#include "domain/housekeeping.h"
#include "domain/merge.h"
#include "q/push.h"
#include "q/ref.h"
#include "store/db.h"

#include <time.h>

#define LOOK_UP_MS 15000
#define LOOK_UP_PAUSE_MS 250

/* The refs that land, as the columns the statements take. */
struct columns {
	struct str_list names;
	struct str_list old_oids;
	struct str_list new_oids;
	struct i64_list forced;
	struct str_list deleted;
};

static struct columns columns_of(const struct landing *l)
{
	struct columns c = { .names.items = ARENA_ARRAY(l->arena, struct str, l->count + 1),
			     .old_oids.items = ARENA_ARRAY(l->arena, struct str, l->count + 1),
			     .new_oids.items = ARENA_ARRAY(l->arena, struct str, l->count + 1),
			     .deleted.items = ARENA_ARRAY(l->arena, struct str, l->count + 1),
			     .forced.items = ARENA_ARRAY(l->arena, int64_t, l->count + 1) };

	for (size_t i = 0; i < l->count; i++) {
		const struct landing_ref *ref = &l->refs[i];

		if (!landing_lands(ref))
			continue;
		c.names.items[c.names.count++] = ref->name;
		c.old_oids.items[c.old_oids.count++] = ref->old_oid;
		c.new_oids.items[c.new_oids.count++] = ref->new_oid;
		c.forced.items[c.forced.count++] = (ref->facts & GIT_REF_FORCED) != 0;
		if (str_eq_c(ref->new_oid, GIT_ZERO_OID))
			c.deleted.items[c.deleted.count++] = ref->name;
	}
	return c;
}

static int mark_project(struct landing *l, struct db *db, struct err *e)
{
	const struct q_push_mark_project_in in = { l->rq.project.v };
	int64_t affected = 0;

	if (q_push_mark_project(db, &in, &affected, e) < 0)
		return -(int)e->code;
	if (affected == 0)
		return err_set(e, ERR_NOT_FOUND, "The project was deleted meanwhile.");
	return 0;
}

static int write_refs(struct landing *l, struct db *db, const struct columns *c, struct err *e)
{
	const struct q_ref_forget_in forget = { l->rq.project.v, c->deleted };
	const struct q_ref_record_in record = { l->rq.project.v, l->push_id, c->names,
						c->new_oids };
	const struct q_push_insert_refs_in rows = { l->push_id, c->names, c->old_oids, c->new_oids,
						    c->forced };

	if (c->deleted.count > 0 && q_ref_forget(db, &forget, NULL, e) < 0)
		return -(int)e->code;
	if (q_ref_record(db, &record, NULL, e) < 0)
		return -(int)e->code;
	return q_push_insert_refs(db, &rows, NULL, e);
}

static int write_push(struct landing *l, struct db *db, struct err *e)
{
	const struct actor *actor = l->rq.actor;
	const struct q_push_insert_in in = {
		.id = l->push_id,
		.project_id = l->rq.project.v,
		.user_id = actor->user.v,
		.has_user_id = actor->user.v > 0,
		.source = str_c(push_source_word(l->rq.source)),
		.request_id = str_is_none(actor->request_id) ? STR("") : actor->request_id,
		.options = { l->options, l->option_count },
	};

	return q_push_insert(db, &in, NULL, e);
}

static int tell_merge_requests(struct landing *l, struct db *db, const struct columns *c,
			       struct err *e)
{
	const struct merge_request_pushed pushed = { .project = l->rq.project,
						     .push_id = l->push_id,
						     .pusher = l->rq.actor->user,
						     .names = c->names,
						     .old_oids = c->old_oids,
						     .new_oids = c->new_oids,
						     .forced = c->forced };

	return merge_request_note_push(db, &pushed, l->arena, e);
}

/* Of a merge: its result is the first ref. */
static int ask_gate(struct landing *l, struct db *db, struct err *e)
{
	if (!l->gate)
		return 0;
	return l->gate(db, l->push_id, l->refs[0].new_oid, l->gate_closure, e);
}

/* May run again after a deadlock: it has no effect outside the transaction. */
static int work(struct db *db, void *closure, struct err *e)
{
	struct landing *l = closure;
	const struct columns c = columns_of(l);

	if (mark_project(l, db, e) < 0 || write_push(l, db, e) < 0 ||
	    write_refs(l, db, &c, e) < 0 || tell_merge_requests(l, db, &c, e) < 0 ||
	    ask_gate(l, db, e) < 0 || landing_create_pipelines(l, db, e) < 0 ||
	    event_add(db, EVENT_PUSHED, l->rq.project, l->push_id, e) < 0 ||
	    housekeeping_note_push(db, l->rq.project, c.names.count, e) < 0)
		return -(int)e->code;
	FAULT_POINT("landing.inserted");
	return 0;
}

static void pause_ms(int ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* Did the COMMIT whose answer was lost happen? Asks until the database answers. */
static int look_up(struct landing *l, bool *happened, struct err *e)
{
	const struct q_push_exists_in in = { l->push_id };
	int64_t deadline = clock_monotonic_ms() + LOOK_UP_MS;

	for (;;) {
		AUTO_DB db = NULL;
		struct q_push_exists_row row;

		err_clear(e);
		if (db_acquire(l->rq.db, &db, e) == 0 &&
		    q_push_exists(db, &in, l->arena, &row, happened, e) == 0)
			return 0;
		if (clock_monotonic_ms() >= deadline)
			return -(int)e->code;
		db_release(db);
		db = NULL;
		pause_ms(LOOK_UP_PAUSE_MS);
	}
}

static int resolve_unknown(struct landing *l, struct err *e)
{
	bool happened = false;

	if (look_up(l, &happened, e) < 0)
		return err_set(
			e, ERR_BUSY,
			"The database went away while the push was being recorded. It may or "
			"may not have been accepted: fetch in a minute to see.");
	if (!happened)
		return err_set(e, ERR_BUSY,
			       "The database went away before the push was recorded. Nothing was "
			       "changed; push again.");
	return 0;
}

int landing_record(struct landing *l, struct err *e)
{
	AUTO_DB db = NULL;
	struct q_push_next_id_row next;

	if (db_acquire(l->rq.db, &db, e) < 0 || q_push_next_id(db, l->arena, &next, e) < 0)
		return -(int)e->code;
	l->push_id = next.id;
	if (db_transaction(db, work, l, e) < 0) {
		db_release(db);
		db = NULL;
		if (e->code != ERR_OUTCOME_UNKNOWN || resolve_unknown(l, e) < 0)
			return -(int)e->code;
		err_clear(e);
	}
	l->was_committed = true;
	return 0;
}

int landing_clear_unsettled(struct landing *l, struct err *e)
{
	const struct q_push_settle_in in = { l->push_id };
	AUTO_DB db = NULL;

	if (db_acquire(l->rq.db, &db, e) < 0)
		return -(int)e->code;
	return q_push_settle(db, &in, NULL, e);
}

int landing_settled_all(struct landing *l, struct err *e)
{
	const struct q_push_settle_project_in in = { l->rq.project.v };
	AUTO_DB db = NULL;

	if (db_acquire(l->rq.db, &db, e) < 0)
		return -(int)e->code;
	return q_push_settle_project(db, &in, NULL, e);
}

int landing_list_unsettled(struct db *db, struct arena *a, struct project_id **ids, size_t *count,
			   struct err *e)
{
	struct q_push_unsettled_projects_row *rows;
	size_t n;

	if (q_push_unsettled_projects(db, a, &rows, &n, e) < 0)
		return -(int)e->code;
	*ids = ARENA_ARRAY(a, struct project_id, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ids)[i].v = rows[i].id;
	*count = n;
	return 0;
}

int landing_send_settles(struct landing *l, struct err *e)
{
	const struct q_push_unsettled_refs_in in = { l->rq.project.v };
	struct q_push_unsettled_refs_row *rows;
	AUTO_DB db = NULL;
	size_t count;

	if (db_acquire(l->rq.db, &db, e) < 0 ||
	    q_push_unsettled_refs(db, &in, l->arena, &rows, &count, e) < 0)
		return -(int)e->code;
	db_release(db);
	db = NULL;
	l->has_settled = count > 0;
	for (size_t i = 0; i < count; i++) {
		struct git_message m = git_message_of(GIT_MSG_SETTLE);
		struct str oid = str_is_none(rows[i].oid) ? STR(GIT_ZERO_OID) : rows[i].oid;

		if (!str_copy(m.name, sizeof(m.name), rows[i].name) ||
		    !str_copy(m.new_oid, sizeof(m.new_oid), oid))
			return err_set(e, ERR_INTERNAL, "a recorded ref does not fit a message");
		if (git_operation_send(l->op, &m, e) < 0)
			return -(int)e->code;
	}
	return landing_say(l, GIT_MSG_GO, e);
}
