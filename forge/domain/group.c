/* Groups: making, changing, removing. Rows are locked parent before child. */
#include "domain/group.h"

#include "domain/access.h"
#include "domain/address.h"
#include "domain/audit.h"
#include "domain/row.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/member.h"
#include "q/namespace.h"

int group_check_visibility(enum namespace_kind kind, enum visibility of_namespace,
			   enum visibility wanted, struct str path, struct err *e)
{
	if (kind == NAMESPACE_USER || wanted <= of_namespace)
		return 0;
	return err_set(
		e, ERR_UNPROCESSABLE,
		"What is in the group %.*s cannot be %s, because the group itself is %s. Make "
		"the group more visible first, or choose %s.",
		STR_FMT(path), visibility_name(wanted), visibility_name(of_namespace),
		visibility_name(of_namespace));
}

static int get(struct db *db, struct namespace_id id, struct arena *a, struct namespace *group,
	       struct err *e)
{
	const struct actor system = actor_system();
	struct namespace_access found;

	if (access_find_namespace_by_id(db, &system, id, a, &found, e) < 0)
		return -(int)e->code;
	if (!found.target.exists)
		return err_set(e, ERR_NOT_FOUND, "This group does not exist any more.");
	*group = found.namespace;
	return 0;
}

static int record(struct db *db, const struct actor *actor, const char *act, struct namespace_id id,
		  struct str path, struct err *e)
{
	return audit_record(db, actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "group",
						   .object_id = id.v,
						   .object = path,
						   .namespace = id },
			    e);
}

/* The parent, locked, if the group may be made in it; its path, or none at the top. */
static int lock_parent(struct db *db, const struct group_new *in, struct arena *a, struct str *path,
		       struct err *e)
{
	struct q_namespace_lock_row row = { 0 };
	bool found;

	*path = STR_NONE;
	if (in->parent.v == 0)
		return 0;
	if (q_namespace_lock(db, &(struct q_namespace_lock_in){ in->parent.v }, a, &row, &found,
			     e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "The parent group does not exist any more.");
	if (row_namespace_kind(row.kind) == NAMESPACE_USER)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A personal namespace holds projects, no groups. Make the group at the "
			"top or in another group.");
	if (row.depth >= NAMESPACE_DEPTH_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "Groups nest at most %d deep.",
			       NAMESPACE_DEPTH_MAX);
	*path = row.path;
	return group_check_visibility(NAMESPACE_GROUP, row_visibility(row.visibility),
				      in->visibility, row.path, e);
}

static int add_owner(struct db *db, const struct actor *actor, struct namespace_id id,
		     struct user_id owner, struct err *e)
{
	const struct q_member_add_in in = {
		.user_id = owner.v,
		.has_namespace_id = true,
		.namespace_id = id.v,
		.level = LEVEL_OWNER,
		.has_created_by = actor->user.v != 0,
		.created_by = actor->user.v,
	};

	return owner.v == 0 ? 0 : q_member_add(db, &in, NULL, e);
}

static int check_new(const struct group_new *in, struct err *e)
{
	if (namespace_check_name(in->segment, in->parent.v ? NAME_OF_SUBGROUP : NAME_OF_GROUP, e) <
	    0)
		return -(int)e->code;
	if (!str_is_none(in->name) && text_check_title(in->name, "name", e) < 0)
		return -(int)e->code;
	return text_check_description(in->description, e);
}

int group_insert(struct db *db, const struct actor *actor, const struct group_new *in,
		 struct user_id owner, struct arena *a, struct namespace_id *id, struct err *e)
{
	struct q_namespace_add_group_row row;
	struct str parent_path;
	struct str path;

	if (check_new(in, e) < 0 || lock_parent(db, in, a, &parent_path, e) < 0)
		return -(int)e->code;
	if (q_namespace_add_group(
		    db,
		    &(struct q_namespace_add_group_in){
			    .has_parent_id = in->parent.v != 0,
			    .parent_id = in->parent.v,
			    .segment = in->segment,
			    .name = str_is_empty(in->name) ? in->segment : in->name,
			    .description = str_is_none(in->description) ? STR("") : in->description,
			    .visibility = str_c(visibility_name(in->visibility)) },
		    a, &row, e) < 0)
		return -(int)e->code;
	id->v = row.id;
	path = address_join(a, parent_path, in->segment);
	if (address_take(db, path, *id, (struct project_id){ 0 }, e) < 0 ||
	    add_owner(db, actor, *id, owner, e) < 0)
		return -(int)e->code;
	return record(db, actor, "group.create", *id, path, e);
}

struct creation {
	const struct actor *actor;
	const struct group_new *in;
	struct arena *a;
	struct namespace *group;
};

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	struct namespace_access parent;
	struct namespace_id id;

	if (c->in->parent.v == 0) {
		if (access_check(c->actor, ACTION_GROUP_CREATE, NULL, e) < 0)
			return -(int)e->code;
	} else if (access_find_namespace_by_id(db, c->actor, c->in->parent, c->a, &parent, e) < 0 ||
		   access_check(c->actor, ACTION_SUBGROUP_CREATE, &parent.target, e) < 0) {
		return -(int)e->code;
	}
	if (group_insert(db, c->actor, c->in, c->actor->user, c->a, &id, e) < 0)
		return -(int)e->code;
	return get(db, id, c->a, c->group, e);
}

int group_create(struct db *db, const struct actor *actor, const struct group_new *in,
		 struct arena *a, struct namespace *group, struct err *e)
{
	struct creation c = { actor, in, a, group };

	return db_transaction(db, create, &c, e);
}

struct change {
	const struct actor *actor;
	struct namespace_id id;
	const struct group_change *in;
	struct arena *a;
	struct namespace *group;
};

/* Not wider than the parent, not narrower than what is below. */
static int check_new_visibility(struct db *db, const struct change *c, const struct namespace *old,
				enum visibility wanted, struct err *e)
{
	struct q_namespace_widest_below_row below;
	struct namespace parent;
	enum visibility widest;

	if (old->parent.v != 0) {
		if (get(db, old->parent, c->a, &parent, e) < 0 ||
		    group_check_visibility(NAMESPACE_GROUP, parent.visibility, wanted, parent.path,
					   e) < 0)
			return -(int)e->code;
	}
	if (q_namespace_widest_below(db, &(struct q_namespace_widest_below_in){ c->id.v }, c->a,
				     &below, e) < 0)
		return -(int)e->code;
	widest = below.has_public     ? VISIBILITY_PUBLIC
		 : below.has_internal ? VISIBILITY_INTERNAL
				      : VISIBILITY_PRIVATE;
	if (wanted >= widest)
		return 0;
	return err_set(
		e, ERR_UNPROCESSABLE,
		"The group %.*s cannot be %s while something in it is %s. Change the projects and "
		"groups in it first.",
		STR_FMT(old->path), visibility_name(wanted), visibility_name(widest));
}

static int move_group(struct db *db, const struct change *c, const struct namespace *old,
		      struct err *e)
{
	struct str segment = c->in->segment;
	struct str parent = str_upto(old->path, old->path.n - old->segment.n);

	if (namespace_check_name(segment, old->parent.v ? NAME_OF_SUBGROUP : NAME_OF_GROUP, e) < 0)
		return -(int)e->code;
	return address_move(db, old->path,
			    arena_fmt(c->a, "%.*s%.*s", STR_FMT(parent), STR_FMT(segment)), c->a,
			    e);
}

static int check_change(const struct group_change *in, struct err *e)
{
	if (!str_is_none(in->name) && text_check_title(in->name, "name", e) < 0)
		return -(int)e->code;
	return text_check_description(in->description, e);
}

static int lock_group(struct db *db, struct namespace_id id, struct arena *a, struct err *e)
{
	struct q_namespace_lock_row row = { 0 };
	bool found;

	if (q_namespace_lock(db, &(struct q_namespace_lock_in){ id.v }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found || row_namespace_kind(row.kind) != NAMESPACE_GROUP)
		return err_set(e, ERR_NOT_FOUND, "There is no such group.");
	return 0;
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct group_change *in = c->in;
	struct namespace_access found;
	const struct namespace *old = &found.namespace;

	if (access_find_namespace_by_id(db, c->actor, c->id, c->a, &found, e) < 0 ||
	    access_check(c->actor, ACTION_GROUP_CHANGE, &found.target, e) < 0 ||
	    lock_group(db, c->id, c->a, e) < 0)
		return -(int)e->code;
	if (in->has_visibility && check_new_visibility(db, c, old, in->visibility, e) < 0)
		return -(int)e->code;
	if (!str_is_none(in->segment) && move_group(db, c, old, e) < 0)
		return -(int)e->code;
	if (q_namespace_update(
		    db,
		    &(struct q_namespace_update_in){
			    .id = c->id.v,
			    .name = str_is_none(in->name) ? old->name : in->name,
			    .description = str_is_none(in->description) ? old->description
									: in->description,
			    .visibility = str_c(visibility_name(
				    in->has_visibility ? in->visibility : old->visibility)),
			    .segment = str_is_none(in->segment) ? old->segment : in->segment },
		    NULL, e) < 0 ||
	    record(db, c->actor, "group.update", c->id, old->path, e) < 0)
		return -(int)e->code;
	return get(db, c->id, c->a, c->group, e);
}

int group_update(struct db *db, const struct actor *actor, struct namespace_id id,
		 const struct group_change *in, struct arena *a, struct namespace *group,
		 struct err *e)
{
	struct change c = { actor, id, in, a, group };

	if (check_change(in, e) < 0)
		return -(int)e->code;
	return db_transaction(db, update, &c, e);
}

static int remove_group(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct namespace_access found;
	struct q_namespace_is_empty_row row;

	if (access_find_namespace_by_id(db, c->actor, c->id, c->a, &found, e) < 0 ||
	    access_check(c->actor, ACTION_GROUP_REMOVE, &found.target, e) < 0 ||
	    lock_group(db, c->id, c->a, e) < 0 ||
	    q_namespace_is_empty(db, &(struct q_namespace_is_empty_in){ c->id.v }, c->a, &row, e) <
		    0)
		return -(int)e->code;
	if (!row.is_empty)
		return err_set(
			e, ERR_CONFLICT,
			"The group %.*s is not empty. Delete or move the projects and groups in "
			"it first.",
			STR_FMT(found.namespace.path));
	if (record(db, c->actor, "group.remove", c->id, found.namespace.path, e) < 0)
		return -(int)e->code;
	return q_namespace_remove(db, &(struct q_namespace_remove_in){ c->id.v }, NULL, e);
}

int group_remove(struct db *db, const struct actor *actor, struct namespace_id id, struct err *e)
{
	struct change c = { actor, id, NULL, arena_open(0), NULL };
	int code = db_transaction(db, remove_group, &c, e);

	arena_close(c.a);
	return code;
}
