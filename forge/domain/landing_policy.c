/*
 * Policy of a landing: who may change which ref, judged per ref before any
 * lock. Everything is loaded here and now; nothing is kept for the next push.
 */
#include "domain/landing_private.h"

#include "domain/access.h"
#include "domain/ref_policy.h"
#include "store/db.h"

static bool is_zero(struct str oid)
{
	return str_eq_c(oid, GIT_ZERO_OID);
}

static enum ref_change change_of(const struct landing_ref *ref)
{
	if (is_zero(ref->old_oid))
		return REF_CREATE;
	if (is_zero(ref->new_oid))
		return REF_DELETE;
	if (!str_starts(ref->name, STR("refs/heads/")))
		return REF_UPDATE;
	return ref->facts & GIT_REF_FORCED ? REF_REWRITE : REF_FORWARD;
}

static enum ref_door door_of(enum push_source source)
{
	switch (source) {
	case PUSH_SOURCE_MERGE:
		return REF_BY_MERGE;
	case PUSH_SOURCE_PAGE:
	case PUSH_SOURCE_API:
		return REF_BY_PAGE;
	default:
		return REF_BY_PUSH;
	}
}

static enum action action_of(enum push_source source)
{
	return door_of(source) == REF_BY_PUSH ? ACTION_GIT_WRITE : ACTION_CODE_WRITE;
}

static void refuse(struct landing *l, struct landing_ref *ref, const struct err *why)
{
	ref->is_refused = true;
	ref->code = why->code;
	ref->reason = arena_str(l->arena, str_c(err_sentence(why)));
}

static void judge_refs(struct landing *l, const struct ref_policy *policy)
{
	for (size_t i = 0; i < l->count; i++) {
		struct landing_ref *ref = &l->refs[i];
		const struct ref_request request = { ref->name, change_of(ref),
						     door_of(l->rq.source) };
		struct err why = { 0 };

		if (!ref->is_refused && ref_policy_check(policy, &request, &why) < 0)
			refuse(l, ref, &why);
	}
}

static void refuse_all(struct landing *l, const struct err *why)
{
	for (size_t i = 0; i < l->count; i++)
		if (!l->refs[i].is_refused)
			refuse(l, &l->refs[i], why);
}

int landing_judge(struct landing *l, struct err *e)
{
	AUTO_DB db = NULL;
	struct project_access access;
	struct ref_policy policy;

	if (db_acquire(l->rq.db, &db, e) < 0 ||
	    access_find_project_by_id(db, l->rq.actor, l->rq.project, l->arena, &access, e) < 0)
		return -(int)e->code;
	l->is_first_push = access.project.is_empty;
	l->project = access.project;
	/* Reconcile records what is there already: that is no question of permission. */
	if (l->rq.source == PUSH_SOURCE_SYSTEM)
		return 0;
	if (access_check(l->rq.actor, action_of(l->rq.source), &access.target, e) < 0) {
		/* The grant went away between the front's check and now. */
		refuse_all(l, e);
		err_clear(e);
		return 0;
	}
	if (ref_policy_load(db, l->rq.actor, &access, l->arena, &policy, e) < 0)
		return -(int)e->code;
	judge_refs(l, &policy);
	l->protected_refs = policy.protected_refs;
	return 0;
}
