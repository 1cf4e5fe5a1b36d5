#include "domain/member.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/row.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/member.h"
#include "q/namespace.h"

struct change {
	const struct actor *actor;
	struct member_place place;
	const struct member_change *in; /* NULL: removal */
	struct user_id user;
	struct arena *a;
	/* read in the transaction: */
	struct access_target target;
	struct str path;
};

static int find_place(struct db *db, struct change *c, struct err *e)
{
	struct namespace_access group;
	struct project_access project;

	ASSERT((c->place.project.v != 0) != (c->place.namespace.v != 0));
	if (c->place.project.v != 0) {
		if (access_find_project_by_id(db, c->actor, c->place.project, c->a, &project, e) <
		    0)
			return -(int)e->code;
		c->target = project.target;
	} else {
		if (access_find_namespace_by_id(db, c->actor, c->place.namespace, c->a, &group, e) <
		    0)
			return -(int)e->code;
		c->target = group.target;
		if (group.target.exists && group.namespace.kind == NAMESPACE_USER)
			return err_set(
				e, ERR_UNPROCESSABLE,
				"A personal namespace has no members. Add people to a project in "
				"it, or make a group.");
	}
	c->path = c->target.path;
	return 0;
}

static int check_right(const struct change *c, struct err *e)
{
	return access_check(c->actor,
			    c->place.project.v ? ACTION_PROJECT_MEMBERS_CHANGE
					       : ACTION_GROUP_MEMBERS_CHANGE,
			    &c->target, e);
}

static enum access_level own_level(const struct change *c)
{
	const struct viewer viewer = viewer_of(c->actor);

	return viewer.sees_all ? LEVEL_OWNER : c->target.level;
}

static int check_level(const struct change *c, enum access_level level, const char *what,
		       struct err *e)
{
	if (level <= own_level(c))
		return 0;
	return err_set(e, ERR_FORBIDDEN, "You are %s of %.*s, so you cannot %s %s. Ask an owner.",
		       access_level_name(own_level(c)), STR_FMT(c->path), what,
		       access_level_name(level));
}

static int find_direct(struct db *db, const struct change *c, struct q_member_lock_row *row,
		       bool *found, struct err *e)
{
	const struct q_member_lock_in in = {
		.user_id = c->user.v,
		.has_namespace_id = c->place.namespace.v != 0,
		.namespace_id = c->place.namespace.v,
		.has_project_id = c->place.project.v != 0,
		.project_id = c->place.project.v,
	};

	return q_member_lock(db, &in, c->a, row, found, e);
}

static int check_user(struct db *db, const struct change *c, struct user *user, struct err *e)
{
	bool found;

	if (user_find(db, c->user, c->a, user, &found, e) < 0)
		return -(int)e->code;
	if (!found || user->is_bot)
		return err_set(e, ERR_NOT_FOUND, "There is no such user.");
	if (user->is_blocked)
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s is blocked. An administrator can unblock the account first.",
			       STR_FMT(user->username));
	return 0;
}

static int record(struct db *db, const struct change *c, const char *act, struct err *e)
{
	struct str detail = c->in ? arena_fmt(c->a, "{\"user\":%lld,\"level\":%d}",
					      (long long)c->user.v, (int)c->in->level)
				  : arena_fmt(c->a, "{\"user\":%lld}", (long long)c->user.v);

	return audit_record(
		db, c->actor,
		&(struct audit_event){ .act = act,
				       .object_kind = c->place.project.v ? "project" : "group",
				       .object_id = c->place.project.v ? c->place.project.v
								       : c->place.namespace.v,
				       .object = c->path,
				       .detail = detail,
				       .project = c->place.project,
				       .namespace = c->place.namespace },
		e);
}

static int check_expiry(const struct member_change *in, struct err *e)
{
	if (in->has_expires_at && in->expires_at.us <= instant_now().us)
		return err_set(e, ERR_UNPROCESSABLE,
			       "The end of a membership must be in the future.");
	return 0;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct member_change *in = c->in;
	struct user user;
	const struct q_member_add_in add = {
		.user_id = c->user.v,
		.has_namespace_id = c->place.namespace.v != 0,
		.namespace_id = c->place.namespace.v,
		.has_project_id = c->place.project.v != 0,
		.project_id = c->place.project.v,
		.level = (int32_t)in->level,
		.has_created_by = c->actor->user.v != 0,
		.created_by = c->actor->user.v,
		.has_expires_at = in->has_expires_at,
		.expires_at = in->expires_at,
	};

	if (find_place(db, c, e) < 0 || check_right(c, e) < 0 ||
	    check_level(c, in->level, "make somebody", e) < 0 || check_user(db, c, &user, e) < 0)
		return -(int)e->code;
	if (q_member_add(db, &add, NULL, e) < 0) {
		if (db_violated(db, "member_project_unique") ||
		    db_violated(db, "member_namespace_unique"))
			return err_set(e, ERR_CONFLICT,
				       "%.*s is a member of %.*s already; change the level there.",
				       STR_FMT(user.username), STR_FMT(c->path));
		return -(int)e->code;
	}
	return record(db, c, "member.create", e);
}

int member_create(struct db *db, const struct actor *actor, struct member_place place,
		  const struct member_change *in, struct err *e)
{
	struct change c = { .actor = actor, .place = place, .in = in, .user = in->user };
	int code = check_expiry(in, e);

	if (code < 0)
		return code;
	c.a = arena_open(0);
	code = db_transaction(db, create, &c, e);
	arena_close(c.a);
	return code;
}

/*
 * A group must not lose its last owner; inherited ones count. The namespace row
 * is locked, so that of two owners who remove each other one is refused.
 */
static int check_last_owner(struct db *db, const struct change *c, enum access_level old,
			    struct err *e)
{
	struct q_namespace_lock_row locked = { 0 };
	struct q_member_lineage_of_namespace_row row = { 0 };
	struct q_member_other_owners_row others;
	bool found;

	if (c->place.namespace.v == 0 || old != LEVEL_OWNER ||
	    (c->in && c->in->level == LEVEL_OWNER && !c->in->has_expires_at))
		return 0;
	if (q_namespace_lock(db, &(struct q_namespace_lock_in){ c->place.namespace.v }, c->a,
			     &locked, &found, e) < 0 ||
	    q_member_lineage_of_namespace(
		    db, &(struct q_member_lineage_of_namespace_in){ c->place.namespace.v }, c->a,
		    &row, &found, e) < 0 ||
	    q_member_other_owners(db, &(struct q_member_other_owners_in){ row.lineage, c->user.v },
				  c->a, &others, e) < 0)
		return -(int)e->code;
	if (others.count > 0)
		return 0;
	return err_set(
		e, ERR_CONFLICT,
		"This is the last owner of %.*s, and a group needs one. Make somebody else owner "
		"first.",
		STR_FMT(c->path));
}

static int no_member(const struct change *c, struct err *e)
{
	return err_set(
		e, ERR_NOT_FOUND,
		"This user is no direct member of %.*s. An inherited membership is changed where "
		"it comes from.",
		STR_FMT(c->path));
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct member_change *in = c->in;
	struct q_member_lock_row row = { 0 };
	const struct q_member_update_in set = {
		.user_id = c->user.v,
		.has_namespace_id = c->place.namespace.v != 0,
		.namespace_id = c->place.namespace.v,
		.has_project_id = c->place.project.v != 0,
		.project_id = c->place.project.v,
		.level = (int32_t)in->level,
		.has_expires_at = in->has_expires_at,
		.expires_at = in->expires_at,
	};
	bool found;

	if (find_place(db, c, e) < 0 || check_right(c, e) < 0 ||
	    find_direct(db, c, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return no_member(c, e);
	if (check_level(c, row_level(row.level), "change a member who is", e) < 0 ||
	    check_level(c, in->level, "make somebody", e) < 0 ||
	    check_last_owner(db, c, row_level(row.level), e) < 0 ||
	    q_member_update(db, &set, NULL, e) < 0)
		return -(int)e->code;
	return record(db, c, "member.update", e);
}

int member_update(struct db *db, const struct actor *actor, struct member_place place,
		  const struct member_change *in, struct err *e)
{
	struct change c = { .actor = actor, .place = place, .in = in, .user = in->user };
	int code = check_expiry(in, e);

	if (code < 0)
		return code;
	c.a = arena_open(0);
	code = db_transaction(db, update, &c, e);
	arena_close(c.a);
	return code;
}

/* Leaving needs no right but a credential that may change things. */
static int check_removal(const struct change *c, enum access_level level, struct err *e)
{
	if (c->actor->user.v == c->user.v && c->target.exists)
		return access_check(c->actor, ACTION_SELF_CHANGE, NULL, e);
	if (check_right(c, e) < 0)
		return -(int)e->code;
	return check_level(c, level, "remove a member who is", e);
}

static int remove_member(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_member_lock_row row = { 0 };
	const struct q_member_remove_in in = {
		.user_id = c->user.v,
		.has_namespace_id = c->place.namespace.v != 0,
		.namespace_id = c->place.namespace.v,
		.has_project_id = c->place.project.v != 0,
		.project_id = c->place.project.v,
	};
	bool found;

	if (find_place(db, c, e) < 0 || find_direct(db, c, &row, &found, e) < 0 ||
	    check_removal(c, row_level(row.level), e) < 0)
		return -(int)e->code;
	if (!found)
		return no_member(c, e);
	if (check_last_owner(db, c, row_level(row.level), e) < 0 ||
	    q_member_remove(db, &in, NULL, e) < 0)
		return -(int)e->code;
	return record(db, c, "member.remove", e);
}

int member_remove(struct db *db, const struct actor *actor, struct member_place place,
		  struct user_id user, struct err *e)
{
	struct change c = { .actor = actor, .place = place, .user = user, .a = arena_open(0) };
	int code = db_transaction(db, remove_member, &c, e);

	arena_close(c.a);
	return code;
}
