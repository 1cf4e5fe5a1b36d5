/* Approvals: of one head for one target, by people who did neither write nor push it. */
#include "domain/merge_gate.h"

#include "domain/event.h"
#include "domain/merge_request_private.h"
#include "store/db.h"

#include "q/merge_request.h"

struct change {
	const struct actor *actor;
	struct project_id project;
	int64_t iid;
	struct str sha;
	struct arena *a;
	struct merge_request mr;
	struct project_access access;
};

static int lock(struct db *db, struct change *c, struct err *e)
{
	if (access_find_project_by_id(db, c->actor, c->project, c->a, &c->access, e) < 0 ||
	    access_check(c->actor, ACTION_MERGE_REQUEST_WRITE, &c->access.target, e) < 0)
		return -(int)e->code;
	return merge_request_get_locked(db, c->project, c->iid, c->a, &c->mr, e);
}

struct str merge_request_why_not_approve(const struct merge_request *mr,
					 const struct merge_request_version *last,
					 const struct actor *actor,
					 const struct access_target *target, struct arena *a)
{
	struct err e = { 0 };

	if (access_check(actor, ACTION_MERGE_REQUEST_WRITE, target, &e) < 0)
		return arena_str(a, str_c(err_sentence(&e)));
	if (actor->user.v == 0)
		return STR("Only people approve.");
	if (mr->state != MERGE_REQUEST_OPENED)
		return arena_fmt(a, "!%lld is %s, so it cannot be approved.", (long long)mr->iid,
				 merge_request_state_word(mr->state));
	if (actor->user.v == mr->author.id.v)
		return STR("You opened it, so somebody else must approve it.");
	if (last && actor->user.v == last->pusher.id.v)
		return STR("You pushed its last commit, so somebody else must approve it.");
	return STR_NONE;
}

static int check_approver(struct db *db, const struct change *c, struct err *e)
{
	struct merge_request_version *versions;
	struct str reason;
	size_t count;

	if (merge_request_versions(db, c->mr.id, c->a, &versions, &count, e) < 0)
		return -(int)e->code;
	reason = merge_request_why_not_approve(&c->mr, count ? &versions[0] : NULL, c->actor,
					       &c->access.target, c->a);
	return str_is_none(reason) ? 0 : err_set(e, ERR_FORBIDDEN, "%.*s", STR_FMT(reason));
}

static int approve(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_merge_request_approve_in in;

	if (lock(db, c, e) < 0 || check_approver(db, c, e) < 0)
		return -(int)e->code;
	if (!str_is_empty(c->sha) && !str_eq(c->sha, c->mr.head_sha))
		return err_set(
			e, ERR_CONFLICT,
			"The branch was pushed to since you looked at it: it is at %.*s now. "
			"Look at that, then approve.",
			STR_FMT(str_upto(c->mr.head_sha, 8)));
	in = (struct q_merge_request_approve_in){ c->mr.id.v, c->actor->user.v, c->mr.head_sha,
						  c->mr.target_branch };
	if (q_merge_request_approve(db, &in, NULL, e) < 0 ||
	    event_add(db, EVENT_MERGE_REQUEST, c->project, c->mr.id.v, e) < 0 ||
	    merge_request_say(db, &c->mr, c->actor->user, STR("approved this merge request"), e) <
		    0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.approve", &c->mr,
				   arena_fmt(c->a, "{\"sha\":\"%.*s\"}", STR_FMT(c->mr.head_sha)),
				   e);
}

static int unapprove(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	int64_t affected = 0;

	if (lock(db, c, e) < 0)
		return -(int)e->code;
	if (q_merge_request_unapprove(
		    db, &(struct q_merge_request_unapprove_in){ c->mr.id.v, c->actor->user.v },
		    &affected, e) < 0)
		return -(int)e->code;
	if (affected == 0)
		return err_set(e, ERR_NOT_FOUND, "You have not approved !%lld.", (long long)c->iid);
	if (merge_request_say(db, &c->mr, c->actor->user, STR("took the approval back"), e) < 0)
		return -(int)e->code;
	return merge_request_audit(db, c->actor, "merge_request.unapprove", &c->mr, STR_NONE, e);
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

int merge_request_approve(struct db *db, const struct actor *actor, struct project_id project,
			  int64_t iid, struct str sha, struct err *e)
{
	const struct change c = { .actor = actor, .project = project, .iid = iid, .sha = sha };

	return change(db, &c, approve, e);
}

int merge_request_unapprove(struct db *db, const struct actor *actor, struct project_id project,
			    int64_t iid, struct err *e)
{
	const struct change c = { .actor = actor, .project = project, .iid = iid };

	return change(db, &c, unapprove, e);
}
