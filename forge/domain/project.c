/* What happens to a project after it was made, but renaming. */
#include "domain/project_internal.h"

#include "domain/access.h"
#include "domain/audit.h"
#include "domain/fork.h"
#include "domain/ref_policy.h"
#include "domain/row.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/namespace.h"
#include "q/project.h"

int project_read(struct db *db, struct project_id id, struct arena *a, struct project *project,
		 struct err *e)
{
	struct q_project_get_row row = { 0 };
	bool found;

	if (q_project_get(db, &(struct q_project_get_in){ id.v }, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "This project does not exist any more.");
	*project = PROJECT_OF_ROW(&row);
	return 0;
}

int project_record(struct db *db, const struct actor *actor, const char *act,
		   const struct project *project, struct str detail, struct err *e)
{
	return audit_record(db, actor,
			    &(struct audit_event){ .act = act,
						   .object_kind = "project",
						   .object_id = project->id.v,
						   .object = project->path,
						   .detail = detail,
						   .project = project->id,
						   .namespace = project->namespace },
			    e);
}

struct change {
	const struct actor *actor;
	struct project_id id;
	const struct project_change *in;
	struct arena *a;
	struct project *project;
};

static int check_texts(const struct project_change *in, struct arena *a, struct err *e)
{
	if (!str_is_none(in->name) && text_check_title(in->name, "name", e) < 0)
		return -(int)e->code;
	if (text_check_description(in->description, e) < 0)
		return -(int)e->code;
	if (str_is_none(in->default_branch))
		return 0;
	return ref_policy_check_name(arena_fmt(a, "refs/heads/%.*s", STR_FMT(in->default_branch)),
				     e);
}

static bool changes_settings(const struct project_change *in)
{
	return !str_is_none(in->name) || !str_is_none(in->description) ||
	       !str_is_none(in->default_branch) || !in->has_visibility;
}

static int check_rights(struct db *db, const struct change *c, struct project_access *found,
			struct err *e)
{
	if (access_find_project_by_id(db, c->actor, c->id, c->a, found, e) < 0)
		return -(int)e->code;
	if (changes_settings(c->in) &&
	    access_check(c->actor, ACTION_PROJECT_CHANGE, &found->target, e) < 0)
		return -(int)e->code;
	if (c->in->has_visibility)
		return access_check(c->actor, ACTION_PROJECT_VISIBILITY, &found->target, e);
	return 0;
}

static struct str or_old(struct str wanted, struct str old)
{
	return str_is_none(wanted) ? old : wanted;
}

static struct str visibility_detail(struct arena *a, const struct project *old,
				    const struct project_change *in)
{
	if (!in->has_visibility || in->visibility == old->visibility)
		return STR_NONE;
	return arena_fmt(a, "{\"visibility\":[\"%s\",\"%s\"]}", visibility_name(old->visibility),
			 visibility_name(in->visibility));
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct project_change *in = c->in;
	struct project_access found;
	const struct project *old = &found.project;
	enum visibility visibility;
	struct str group;

	if (check_texts(in, c->a, e) < 0 || check_rights(db, c, &found, e) < 0)
		return -(int)e->code;
	visibility = in->has_visibility ? in->visibility : old->visibility;
	if (in->has_visibility &&
	    (project_lock_namespace(db, old->namespace, visibility, c->a, &group, e) < 0 ||
	     fork_check_visibility(db, c->id, visibility, c->a, e) < 0))
		return -(int)e->code;
	if (q_project_update(
		    db,
		    &(struct q_project_update_in){ c->id.v, or_old(in->name, old->name),
						   or_old(in->description, old->description),
						   or_old(in->default_branch, old->default_branch),
						   str_c(visibility_name(visibility)) },
		    NULL, e) < 0 ||
	    project_record(db, c->actor, "project.update", old, visibility_detail(c->a, old, in),
			   e) < 0)
		return -(int)e->code;
	return project_read(db, c->id, c->a, c->project, e);
}

int project_update(struct db *db, const struct actor *actor, struct project_id id,
		   const struct project_change *in, struct arena *a, struct project *project,
		   struct err *e)
{
	struct change c = { actor, id, in, a, project };

	return db_transaction(db, update, &c, e);
}

/* An act without values: who may, what is done, what is written down. */
struct act {
	enum action action;
	int (*run)(struct db *db, struct project_id id, struct err *e);
	const char *name;
};

struct acting {
	const struct actor *actor;
	struct project_id id;
	const struct act *act;
	struct arena *a;
};

static int act_in_transaction(struct db *db, void *closure, struct err *e)
{
	struct acting *c = closure;
	struct project_access found;

	if (access_find_project_by_id(db, c->actor, c->id, c->a, &found, e) < 0 ||
	    access_check(c->actor, c->act->action, &found.target, e) < 0 ||
	    c->act->run(db, c->id, e) < 0)
		return -(int)e->code;
	return project_record(db, c->actor, c->act->name, &found.project, STR_NONE, e);
}

static int do_act(struct db *db, const struct actor *actor, struct project_id id,
		  const struct act *act, struct err *e)
{
	struct acting c = { actor, id, act, arena_open(0) };
	int code = db_transaction(db, act_in_transaction, &c, e);

	arena_close(c.a);
	return code;
}

static int run_archive(struct db *db, struct project_id id, struct err *e)
{
	return q_project_archive(db, &(struct q_project_archive_in){ id.v }, NULL, e);
}

int project_archive(struct db *db, const struct actor *actor, struct project_id id, struct err *e)
{
	static const struct act act = { ACTION_PROJECT_ARCHIVE, run_archive, "project.archive" };

	return do_act(db, actor, id, &act, e);
}

static int run_unarchive(struct db *db, struct project_id id, struct err *e)
{
	return q_project_unarchive(db, &(struct q_project_unarchive_in){ id.v }, NULL, e);
}

int project_unarchive(struct db *db, const struct actor *actor, struct project_id id, struct err *e)
{
	static const struct act act = { ACTION_PROJECT_ARCHIVE, run_unarchive,
					"project.unarchive" };

	return do_act(db, actor, id, &act, e);
}

static int run_remove(struct db *db, struct project_id id, struct err *e)
{
	int64_t removed;

	if (q_project_remove(db, &(struct q_project_remove_in){ id.v }, &removed, e) < 0)
		return -(int)e->code;
	if (removed == 0)
		return err_set(e, ERR_NOT_FOUND, "This project does not exist any more.");
	if (q_address_remove_of_project(db, &(struct q_address_remove_of_project_in){ id.v }, NULL,
					e) < 0)
		return -(int)e->code;
	return q_project_remove_grants(db, &(struct q_project_remove_grants_in){ id.v }, NULL, e);
}

int project_remove(struct db *db, const struct actor *actor, struct project_id id, struct err *e)
{
	static const struct act act = { ACTION_PROJECT_REMOVE, run_remove, "project.remove" };

	return do_act(db, actor, id, &act, e);
}

int project_list(struct db *db, const struct actor *actor, const struct project_filter *filter,
		 struct listing slice, struct arena *a, struct projects *projects, struct err *e)
{
	const struct viewer viewer = viewer_of(actor);
	const struct q_project_list_in in = {
		.user_id = viewer.user_id,
		.sees_internal = viewer.sees_internal,
		.sees_all = viewer.sees_all,
		.has_namespace_id = filter->namespace.v != 0,
		.namespace_id = filter->namespace.v,
		.with_subgroups = filter->with_subgroups,
		.member_only = filter->member_only,
		.search = str_is_empty(filter->search) ? STR_NONE : filter->search,
		.visibility = filter->has_visibility ? str_c(visibility_name(filter->visibility))
						     : STR_NONE,
		.has_is_archived = filter->has_archived,
		.is_archived = filter->is_archived,
		.only_project_id = actor->only_project.v,
		.only_namespace_id = actor->only_namespace.v,
		.fork_of = filter->fork_of.v,
		.skip = slice.offset,
		.take = slice.limit,
	};
	struct q_project_list_row *rows;
	size_t count;

	if (q_project_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	projects->items = ARENA_ARRAY(a, struct project *, count);
	projects->count = count;
	projects->total = count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < count; i++) {
		projects->items[i] = ARENA_NEW(a, struct project);
		*projects->items[i] = PROJECT_OF_ROW(&rows[i]);
	}
	return 0;
}

int project_note_repository(struct db *db, struct project_id id, struct err *e)
{
	return q_project_note_repository(db, &(struct q_project_note_repository_in){ id.v }, NULL,
					 e);
}

int project_list_without_repository(struct db *db, struct arena *a, struct project_id **ids,
				    size_t *count, struct err *e)
{
	struct q_project_without_repository_row *rows;
	size_t n;

	if (q_project_without_repository(db, a, &rows, &n, e) < 0)
		return -(int)e->code;
	*ids = ARENA_ARRAY(a, struct project_id, n);
	*count = n;
	for (size_t i = 0; i < n; i++)
		(*ids)[i].v = rows[i].id;
	return 0;
}
