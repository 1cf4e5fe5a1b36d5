/*
 * Renaming and moving a project. Namespaces are locked before the project, as
 * everywhere; the old address leads on until somebody takes it.
 */
#include "domain/project_internal.h"

#include "domain/access.h"
#include "domain/address.h"
#include "store/db.h"

#include "q/namespace.h"
#include "q/project.h"

struct rename_to {
	const struct actor *actor;
	struct project_id id;
	struct str segment;
	struct namespace_id namespace;
	struct arena *a;
	struct project *project;
};

static int check_rights(struct db *db, const struct rename_to *c, struct project_access *found,
			struct err *e)
{
	struct namespace_access to;

	if (access_find_project_by_id(db, c->actor, c->id, c->a, found, e) < 0 ||
	    access_check(c->actor, ACTION_PROJECT_RENAME, &found->target, e) < 0)
		return -(int)e->code;
	if (c->namespace.v == 0 || c->namespace.v == found->project.namespace.v)
		return 0;
	if (access_find_namespace_by_id(db, c->actor, c->namespace, c->a, &to, e) < 0)
		return -(int)e->code;
	return access_check(c->actor, ACTION_PROJECT_CREATE, &to.target, e);
}

static int lock_project(struct db *db, const struct rename_to *c, struct q_project_lock_row *row,
			struct err *e)
{
	bool found;

	if (q_project_lock(db, &(struct q_project_lock_in){ c->id.v }, c->a, row, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "This project does not exist any more.");
}

static int rename_project(struct db *db, void *closure, struct err *e)
{
	struct rename_to *c = closure;
	struct project_access found;
	struct q_project_lock_row row = { 0 };
	struct namespace_id to;
	struct str segment;
	struct str group;

	if (check_rights(db, c, &found, e) < 0)
		return -(int)e->code;
	to = c->namespace.v ? c->namespace : found.project.namespace;
	segment = str_is_empty(c->segment) ? found.project.segment : c->segment;
	if (namespace_check_name(segment, NAME_OF_PROJECT, e) < 0 ||
	    project_lock_namespace(db, to, found.project.visibility, c->a, &group, e) < 0 ||
	    lock_project(db, c, &row, e) < 0 ||
	    address_move(db, row.path, address_join(c->a, group, segment), c->a, e) < 0 ||
	    q_project_place(db, &(struct q_project_place_in){ c->id.v, to.v, segment }, NULL, e) <
		    0 ||
	    project_read(db, c->id, c->a, c->project, e) < 0)
		return -(int)e->code;
	/* Both are paths, whose characters need no escaping in JSON. */
	return project_record(db, c->actor, "project.rename", c->project,
			      arena_fmt(c->a, "{\"path\":[\"%.*s\",\"%.*s\"]}", STR_FMT(row.path),
					STR_FMT(c->project->path)),
			      e);
}

int project_rename(struct db *db, const struct actor *actor, struct project_id id,
		   struct str segment, struct namespace_id namespace, struct arena *a,
		   struct project *project, struct err *e)
{
	struct rename_to c = { actor, id, segment, namespace, a, project };

	return db_transaction(db, rename_project, &c, e);
}
