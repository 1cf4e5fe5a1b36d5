/* Auto-merge: set, ended, and carried out from the outbox. */
#include "domain/merge_private.h"

#include "base/jsonr.h"
#include "base/jsonw.h"
#include "domain/event.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/merge_request.h"

struct change {
	const struct actor *actor;
	struct project_id project;
	int64_t iid;
	const struct merge_options *options;
	struct arena *a;
	struct merge_request mr;
};

/* Two messages, of which JSON makes six bytes of each at worst. */
#define OPTIONS_MAX (2 * 6 * LANDING_MESSAGE_MAX + 1024)

/* What was asked for with it, as it is kept. */
static struct str pack_options(const struct change *c)
{
	const struct merge_options *o = c->options;
	struct jsonw w;
	struct buf text;
	struct str packed;

	buf_init(&text, OPTIONS_MAX);
	w = jsonw_to(&text);
	jsonw_object(&w);
	jsonw_field_str(&w, "sha", c->mr.head_sha);
	if (!str_is_empty(o->message))
		jsonw_field_str(&w, "message", o->message);
	if (!str_is_empty(o->squash_message))
		jsonw_field_str(&w, "squash_message", o->squash_message);
	if (o->has_squash)
		jsonw_field_bool(&w, "squash", o->squash);
	if (o->has_remove_source)
		jsonw_field_bool(&w, "remove_source", o->remove_source);
	jsonw_end(&w);
	ASSERT(!text.full);
	packed = arena_str(c->a, buf_str(&text));
	buf_fini(&text);
	return packed;
}

static int unpack_options(struct str packed, struct arena *a, struct merge_options *o,
			  struct err *e)
{
	const struct jsonr *json;

	if (jsonr_parse(a, packed, &json, e) < 0)
		return err_set(e, ERR_INTERNAL, "the options of an auto-merge are no JSON");
	*o = (struct merge_options){
		.sha = jsonr_text(jsonr_get(json, "sha")),
		.message = jsonr_text(jsonr_get(json, "message")),
		.squash_message = jsonr_text(jsonr_get(json, "squash_message")),
	};
	o->has_squash = jsonr_boolean(jsonr_get(json, "squash"), &o->squash);
	o->has_remove_source = jsonr_boolean(jsonr_get(json, "remove_source"), &o->remove_source);
	return 0;
}

/* ---- set and ended by people ---- */

static int check_blockers(struct db *db, struct change *c, struct err *e)
{
	struct merge_blockers blockers;
	struct merge_facts facts;

	if (merge_gate_load(db, &c->mr, false, c->a, &facts, e) < 0)
		return -(int)e->code;
	merge_apply_options(&c->mr, &facts.setting, c->options);
	merge_gate_judge(&facts, c->a, &blockers);
	if (blockers.count == 0 || merge_blockers_wait(&blockers))
		return 0;
	for (size_t i = 0; i < blockers.count; i++)
		if (!merge_gate_waits(blockers.items[i].gate))
			return err_set(e, ERR_PRECONDITION, "%.*s",
				       STR_FMT(blockers.items[i].sentence));
	return 0;
}

static int set(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_merge_request_set_auto_merge_in in;

	if (merge_request_get_locked(db, c->project, c->iid, c->a, &c->mr, e) < 0 ||
	    merge_request_check_merger(db, c->actor, &c->mr, c->a, e) < 0 ||
	    merge_check_sha(&c->mr, c->options->sha, e) < 0 ||
	    merge_check_messages(c->options, e) < 0)
		return -(int)e->code;
	if (c->actor->user.v <= 0)
		return err_set(e, ERR_FORBIDDEN, "Auto-merge is set by a person.");
	if (check_blockers(db, c, e) < 0)
		return -(int)e->code;
	in = (struct q_merge_request_set_auto_merge_in){ .id = c->mr.id.v,
							 .user_id = c->actor->user.v,
							 .options = pack_options(c) };
	if (q_merge_request_set_auto_merge(db, &in, NULL, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, c->project, c->mr.id.v, e) < 0 ||
	    merge_request_say(db, &c->mr, c->actor->user,
			      STR("set it to be merged when everything has passed"), e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.auto_merge", &c->mr, STR_NONE, e);
}

static int cancel(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct project_access access;
	struct q_merge_request_end_auto_merge_in in = { .merge_error = STR_NONE };

	if (access_find_project_by_id(db, c->actor, c->project, c->a, &access, e) < 0 ||
	    access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &access.target, e) < 0 ||
	    merge_request_get_locked(db, c->project, c->iid, c->a, &c->mr, e) < 0)
		return -(int)e->code;
	if (c->mr.auto_merge_by.id.v == 0)
		return err_set(e, ERR_CONFLICT, "Auto-merge is not set for !%lld.",
			       (long long)c->iid);
	in.id = c->mr.id.v;
	if (q_merge_request_end_auto_merge(db, &in, NULL, e) < 0 ||
	    merge_request_say(db, &c->mr, c->actor->user, STR("ended auto-merge"), e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.cancel_auto_merge", &c->mr,
				   STR_NONE, e);
}

static int change(struct db *db, const struct change *in, db_work *work, struct err *e)
{
	struct change c = *in;
	int result;

	c.a = arena_open(0);
	result = db_transaction(db, work, &c, e);
	arena_close(c.a);
	return result;
}

int merge_request_set_auto_merge(struct db *db, const struct actor *actor,
				 struct project_id project, int64_t iid,
				 const struct merge_options *options, struct err *e)
{
	const struct change c = {
		.actor = actor, .project = project, .iid = iid, .options = options
	};

	return change(db, &c, set, e);
}

int merge_request_cancel_auto_merge(struct db *db, const struct actor *actor,
				    struct project_id project, int64_t iid, struct err *e)
{
	const struct change c = { .actor = actor, .project = project, .iid = iid };

	return change(db, &c, cancel, e);
}

/* ---- carried out ---- */

struct attempt {
	const struct landing_request *request;
	const struct merge_request *mr;
	struct arena *a;
	struct merge_options options;
	struct actor actor;
	bool is_wanted;
};

/* Who set it, as that person is now. */
static int load_attempt(struct attempt *t, struct err *e)
{
	const struct q_merge_request_auto_merge_in in = { t->mr->id.v };
	struct q_merge_request_auto_merge_row row = { 0 };
	struct user user;
	AUTO_DB db = NULL;
	bool found;

	if (db_acquire(t->request->db, &db, e) < 0 ||
	    q_merge_request_auto_merge(db, &in, t->a, &row, &t->is_wanted, e) < 0)
		return -(int)e->code;
	if (!t->is_wanted)
		return 0;
	if (unpack_options(row.options, t->a, &t->options, e) < 0 ||
	    user_find(db, (struct user_id){ row.user_id }, t->a, &user, &found, e) < 0)
		return -(int)e->code;
	if (!found || user.is_blocked)
		return err_set(e, ERR_FORBIDDEN, "Who set auto-merge may not sign in any more.");
	t->actor = user_actor(&user, ACTOR_SESSION);
	return 0;
}

/* What blocks may still pass: then it goes on waiting. */
static int still_waits(const struct attempt *t, bool *waits, struct err *e)
{
	struct merge_blockers blockers;
	struct merge_request now;
	struct merge_facts facts;
	AUTO_DB db = NULL;

	if (merge_request_refresh(t->request, t->mr->iid, t->a, &now, e) < 0 ||
	    db_acquire(t->request->db, &db, e) < 0 ||
	    merge_gate_load(db, &now, false, t->a, &facts, e) < 0)
		return -(int)e->code;
	/* A branch moved this moment: whether they fit is known at the next attempt. */
	if (now.check == MERGE_UNCHECKED && !str_is_none(now.source_sha) &&
	    !str_is_none(now.target_sha))
		return err_set(e, ERR_BUSY, "auto-merge: a branch moved meanwhile");
	merge_apply_options(&now, &facts.setting, &t->options);
	merge_gate_judge(&facts, t->a, &blockers);
	/* Nothing blocks any more: it changed this moment, so the event comes again. */
	if (blockers.count == 0)
		return err_set(e, ERR_BUSY, "auto-merge: the gates opened meanwhile");
	*waits = merge_blockers_wait(&blockers);
	return 0;
}

static int give_up(const struct attempt *t, const struct err *why, struct err *e)
{
	const struct q_merge_request_end_auto_merge_in in = { .id = t->mr->id.v,
							      .merge_error =
								      str_c(err_sentence(why)) };
	AUTO_DB db = NULL;

	if (db_acquire(t->request->db, &db, e) < 0)
		return -(int)e->code;
	return q_merge_request_end_auto_merge(db, &in, NULL, e);
}

/* 0: merged, or over with a sentence, or it waits on. An error: try again later. */
static int conclude(const struct attempt *t, const struct err *why, struct err *e)
{
	bool waits = false;

	switch (why->code) {
	case ERR_PRECONDITION:
		if (still_waits(t, &waits, e) < 0)
			return -(int)e->code;
		return waits ? 0 : give_up(t, why, e);
	case ERR_FORBIDDEN:
	case ERR_NOT_FOUND:
	case ERR_UNPROCESSABLE:
		return give_up(t, why, e);
	default:
		*e = *why;
		return -(int)e->code;
	}
}

int merge_try_auto(const struct landing_request *request, const struct merge_request *mr,
		   struct arena *a, struct err *e)
{
	struct attempt t = { .request = request, .mr = mr, .a = a };
	struct landing_request as_user = *request;
	struct merge_result result;
	struct err why = { 0 };

	if (load_attempt(&t, &why) < 0)
		return conclude(&t, &why, e);
	if (!t.is_wanted)
		return 0;
	as_user.actor = &t.actor;
	if (merge_request_merge(&as_user, mr->iid, &t.options, a, &result, &why) == 0)
		return 0;
	return conclude(&t, &why, e);
}

/* ---- what wakes it ---- */

int merge_request_note_pipeline(struct db *db, struct pipeline_id pipeline, struct err *e)
{
	const struct q_merge_request_of_pipeline_in in = { pipeline.v };
	struct q_merge_request_of_pipeline_row *rows;
	struct arena *a = arena_open(0);
	size_t count = 0;
	int result = q_merge_request_of_pipeline(db, &in, a, &rows, &count, e);

	for (size_t i = 0; result == 0 && i < count; i++)
		result = event_add(db, EVENT_MERGE_REQUEST,
				   (struct project_id){ rows[i].project_id }, rows[i].id, e);
	arena_close(a);
	return result;
}
