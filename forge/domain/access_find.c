/* Loading what access.c judges: one statement each. */
#include "domain/access.h"

#include "domain/row.h"

#include "q/access.h"

/* What a credential is bound to is all there is for it. */
static bool is_bound_elsewhere(const struct actor *actor, struct project_id id,
			       const struct i64_list *lineage)
{
	if (actor->only_project.v != 0 && actor->only_project.v != id.v)
		return true;
	if (actor->only_namespace.v == 0)
		return false;
	for (size_t i = 0; i < lineage->count; i++) {
		if (lineage->items[i] == actor->only_namespace.v)
			return false;
	}
	return true;
}

static enum access_level level_of(const struct actor *actor, int32_t level)
{
	/* A deploy token has no user; where it is bound to, it reads. */
	if (actor->kind == ACTOR_DEPLOY_TOKEN)
		return LEVEL_REPORTER;
	/* So does the job of somebody whose right is not a membership. */
	if (actor->kind == ACTOR_JOB_TOKEN && (actor->user.v == 0 || actor->is_admin))
		return LEVEL_REPORTER;
	return row_level(level);
}

static void fill_project(const struct actor *actor, const struct q_access_project_row *row,
			 struct project_access *found)
{
	struct project project = PROJECT_OF_ROW(row);

	if (is_bound_elsewhere(actor, project.id, &row->lineage))
		return;
	found->project = project;
	found->was_moved = row->is_old;
	found->unsettled = row->unsettled;
	found->target = (struct access_target){
		.exists = true,
		.visibility = project.visibility,
		.level = level_of(actor, row->level),
		.is_archived = project.is_archived,
		.path = project.path,
	};
}

int access_find_project(struct db *db, const struct actor *actor, struct str path, struct arena *a,
			struct project_access *found, struct err *e)
{
	struct q_access_project_row row = { 0 };
	bool exists;

	*found = (struct project_access){ 0 };
	/* Nothing longer was ever an address, and no address has other bytes. */
	if (path.n > PATH_MAX_BYTES || !str_is_utf8_text(path))
		return 0;
	if (q_access_project(db, &(struct q_access_project_in){ path, actor->user.v }, a, &row,
			     &exists, e) < 0)
		return -(int)e->code;
	if (exists)
		fill_project(actor, &row, found);
	return 0;
}

int access_find_project_by_id(struct db *db, const struct actor *actor, struct project_id id,
			      struct arena *a, struct project_access *found, struct err *e)
{
	struct q_access_project_by_id_row by_id = { 0 };
	struct q_access_project_row row;
	bool exists;

	*found = (struct project_access){ 0 };
	if (q_access_project_by_id(db, &(struct q_access_project_by_id_in){ id.v, actor->user.v },
				   a, &by_id, &exists, e) < 0)
		return -(int)e->code;
	if (!exists)
		return 0;
	/* The same columns in the same order, which the annotations of both say. */
	_Static_assert(sizeof(row) == sizeof(by_id), "access_project and _by_id differ");
	memcpy(&row, &by_id, sizeof(row));
	fill_project(actor, &row, found);
	return 0;
}

int access_get_project(struct db *db, const struct actor *actor, struct str path,
		       enum action action, struct arena *a, struct project_access *found,
		       struct err *e)
{
	if (access_find_project(db, actor, path, a, found, e) < 0)
		return -(int)e->code;
	return access_check(actor, action, &found->target, e);
}

static void fill_namespace(const struct actor *actor, const struct q_access_namespace_row *row,
			   struct namespace_access *found)
{
	struct namespace namespace = NAMESPACE_OF_ROW(row);

	/* Bound to a project: it has no group. Bound to a group: that and what is below. */
	if (actor->only_project.v != 0 ||
	    is_bound_elsewhere(actor, actor->only_project, &row->lineage))
		return;
	found->namespace = namespace;
	found->was_moved = row->is_old;
	found->target = (struct access_target){
		.exists = true,
		.visibility = namespace.visibility,
		.level = level_of(actor, row->level),
		.path = namespace.path,
	};
}

int access_find_namespace(struct db *db, const struct actor *actor, struct str path,
			  struct arena *a, struct namespace_access *found, struct err *e)
{
	struct q_access_namespace_row row = { 0 };
	bool exists;

	*found = (struct namespace_access){ 0 };
	if (path.n > PATH_MAX_BYTES || !str_is_utf8_text(path))
		return 0;
	if (q_access_namespace(db, &(struct q_access_namespace_in){ path, actor->user.v }, a, &row,
			       &exists, e) < 0)
		return -(int)e->code;
	if (exists)
		fill_namespace(actor, &row, found);
	return 0;
}

int access_find_namespace_by_id(struct db *db, const struct actor *actor, struct namespace_id id,
				struct arena *a, struct namespace_access *found, struct err *e)
{
	struct q_access_namespace_by_id_row by_id = { 0 };
	struct q_access_namespace_row row;
	bool exists;

	*found = (struct namespace_access){ 0 };
	if (q_access_namespace_by_id(db,
				     &(struct q_access_namespace_by_id_in){ id.v, actor->user.v },
				     a, &by_id, &exists, e) < 0)
		return -(int)e->code;
	if (!exists)
		return 0;
	_Static_assert(sizeof(row) == sizeof(by_id), "access_namespace and _by_id differ");
	memcpy(&row, &by_id, sizeof(row));
	fill_namespace(actor, &row, found);
	return 0;
}
