/* Making projects: by a person, and at a path with the groups that are missing. */
#include "domain/project_internal.h"

#include "domain/access.h"
#include "domain/address.h"
#include "domain/group.h"
#include "domain/ref_policy.h"
#include "domain/row.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/member.h"
#include "q/namespace.h"
#include "q/project.h"
#include "q/protected_ref.h"

int project_lock_namespace(struct db *db, struct namespace_id id, enum visibility wanted,
			   struct arena *a, struct str *path, struct err *e)
{
	struct q_namespace_lock_row row = { 0 };
	bool found;

	if (q_namespace_lock(db, &(struct q_namespace_lock_in){ id.v }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "This group does not exist any more.");
	*path = row.path;
	return group_check_visibility(row_namespace_kind(row.kind), row_visibility(row.visibility),
				      wanted, row.path, e);
}

/* The protections a project is born with; maintainers can change them. */
static int protect_first_branches(struct db *db, struct project_id id, struct str default_branch,
				  struct arena *a, struct err *e)
{
	const struct {
		struct str name;
		enum access_level merge_level;
	} births[] = {
		{ default_branch, LEVEL_MAINTAINER },
		{ STR(PROJECT_STAGE_BRANCH), LEVEL_DEVELOPER },
	};
	struct q_protected_ref_add_row row;

	for (size_t i = 0; i < ARRAY_LEN(births); i++) {
		if (i > 0 && str_eq(births[i].name, default_branch))
			continue;
		if (q_protected_ref_add(db,
					&(struct q_protected_ref_add_in){
						id.v, STR("branch"), births[i].name,
						LEVEL_MAINTAINER, (int32_t)births[i].merge_level,
						LEVEL_NONE },
					a, &row, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* Whoever makes a project owns it, unless they own what it is in. */
static int add_owner(struct db *db, const struct actor *actor, const struct project *project,
		     struct user_id owner, struct arena *a, struct err *e)
{
	const struct actor as_owner = { .kind = ACTOR_SESSION, .user = owner };
	struct project_access found;

	if (owner.v == 0)
		return 0;
	if (access_find_project_by_id(db, &as_owner, project->id, a, &found, e) < 0)
		return -(int)e->code;
	if (found.target.level == LEVEL_OWNER)
		return 0;
	return q_member_add(db,
			    &(struct q_member_add_in){ .user_id = owner.v,
						       .has_project_id = true,
						       .project_id = project->id.v,
						       .level = LEVEL_OWNER,
						       .has_created_by = actor->user.v != 0,
						       .created_by = actor->user.v },
			    NULL, e);
}

static int check_new(const struct project_new *in, struct str default_branch, struct arena *a,
		     struct err *e)
{
	if (namespace_check_name(in->segment, NAME_OF_PROJECT, e) < 0)
		return -(int)e->code;
	if (!str_is_none(in->name) && text_check_title(in->name, "name", e) < 0)
		return -(int)e->code;
	if (text_check_description(in->description, e) < 0)
		return -(int)e->code;
	return ref_policy_check_name(arena_fmt(a, "refs/heads/%.*s", STR_FMT(default_branch)), e);
}

int project_insert(struct db *db, const struct actor *actor, const struct project_new *in,
		   struct user_id owner, struct arena *a, struct project_id *id, struct err *e)
{
	struct str branch =
		str_is_empty(in->default_branch) ? STR(PROJECT_DEFAULT_BRANCH) : in->default_branch;
	const struct q_project_add_in add = {
		.namespace_id = in->namespace.v,
		.segment = in->segment,
		.name = str_is_empty(in->name) ? in->segment : in->name,
		.description = str_is_none(in->description) ? STR("") : in->description,
		.visibility = str_c(visibility_name(in->visibility)),
		.default_branch = branch,
		.has_creator_id = owner.v != 0,
		.creator_id = owner.v,
	};
	struct q_project_add_row row;
	struct project project;
	struct str parent;

	if (check_new(in, branch, a, e) < 0 ||
	    project_lock_namespace(db, in->namespace, in->visibility, a, &parent, e) < 0 ||
	    q_project_add(db, &add, a, &row, e) < 0)
		return -(int)e->code;
	id->v = row.id;
	if (address_take(db, address_join(a, parent, in->segment), (struct namespace_id){ 0 }, *id,
			 e) < 0 ||
	    protect_first_branches(db, *id, branch, a, e) < 0 ||
	    project_read(db, *id, a, &project, e) < 0 ||
	    add_owner(db, actor, &project, owner, a, e) < 0)
		return -(int)e->code;
	return project_record(db, actor, "project.create", &project, STR_NONE, e);
}

struct creation {
	const struct actor *actor;
	const struct project_new *in;
	struct arena *a;
	struct project *project;
};

static int create(struct db *db, void *closure, struct err *e)
{
	struct creation *c = closure;
	struct namespace_access parent;
	struct project_id id;

	if (access_find_namespace_by_id(db, c->actor, c->in->namespace, c->a, &parent, e) < 0 ||
	    access_check(c->actor, ACTION_PROJECT_CREATE, &parent.target, e) < 0 ||
	    project_insert(db, c->actor, c->in, c->actor->user, c->a, &id, e) < 0)
		return -(int)e->code;
	return project_read(db, id, c->a, c->project, e);
}

int project_create(struct db *db, const struct actor *actor, const struct project_new *in,
		   struct arena *a, struct project *project, struct err *e)
{
	struct creation c = { actor, in, a, project };

	return db_transaction(db, create, &c, e);
}

struct creation_at {
	const struct actor *actor;
	const struct project_at_path *in;
	struct arena *a;
	struct project *project;
};

/* Finds the group at the path, or makes it in the parent. */
static int step_into(struct db *db, const struct creation_at *c, struct str path,
		     struct str segment, struct namespace_id *at, struct err *e)
{
	struct q_namespace_by_path_row row = { 0 };
	const struct group_new in = { .parent = *at,
				      .segment = segment,
				      .visibility = c->in->visibility };
	bool found;

	if (q_namespace_by_path(db, &(struct q_namespace_by_path_in){ path }, c->a, &row, &found,
				e) < 0)
		return -(int)e->code;
	/* An old address is free for the taking. */
	if (!found || row.is_old)
		return group_insert(db, c->actor, &in, c->in->owner, c->a, at, e);
	if (row.is_project)
		return err_set(
			e, ERR_CONFLICT,
			"%.*s is a project, so there can be nothing in it. Choose another group.",
			STR_FMT(path));
	at->v = row.id;
	return 0;
}

static int create_at(struct db *db, void *closure, struct err *e)
{
	struct creation_at *c = closure;
	struct str path = c->in->path;
	size_t last = str_find_last(path, '/');
	struct str rest = str_upto(path, last);
	struct str segment;
	struct namespace_id at = { 0 };
	struct project_id id;

	while (str_cut(&rest, '/', &segment)) {
		size_t end = (size_t)(segment.p - path.p) + segment.n;

		if (step_into(db, c, str_upto(path, end), segment, &at, e) < 0)
			return -(int)e->code;
	}
	const struct project_new in = { .namespace = at,
					.segment = str_from(path, last + 1),
					.visibility = c->in->visibility,
					.description = c->in->description };
	if (project_insert(db, c->actor, &in, c->in->owner, c->a, &id, e) < 0)
		return -(int)e->code;
	return project_read(db, id, c->a, c->project, e);
}

int project_create_at(struct db *db, const struct actor *actor, const struct project_at_path *in,
		      struct arena *a, struct project *project, struct err *e)
{
	struct creation_at c = { actor, in, a, project };

	if (access_check(actor, ACTION_ADMIN_CHANGE, NULL, e) < 0)
		return -(int)e->code;
	if (str_find(in->path, '/') == in->path.n)
		return err_set(
			e, ERR_UNPROCESSABLE,
			"A project is in a group or in a user's namespace: write GROUP/NAME.");
	return db_transaction(db, create_at, &c, e);
}
