#include "domain/runner_view.h"

#include "domain/audit.h"
#include "domain/runner_private.h"
#include "store/db.h"

#include "q/runner_view.h"

static const char *const states[] = {
	[RUNNER_ONLINE] = "online",
	[RUNNER_OFFLINE] = "offline",
	[RUNNER_STALE] = "stale",
	[RUNNER_NEVER_CONTACTED] = "never_contacted",
};

const char *runner_state_name(enum runner_state state)
{
	ASSERT((size_t)state < ARRAY_LEN(states));
	return states[state];
}

static enum runner_state state_of(struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (str_eq_c(text, states[i]))
			return (enum runner_state)i;
	assert_failed("a known state of a runner", __FILE__, __LINE__);
}

/* ------------------------------------------------------------------------- reading */

static struct runner_view view_of_row(const struct q_runner_view_list_row *row)
{
	return (struct runner_view){
		.runner = { .id = { row->id },
			    .kind = runner_kind_of(row->kind),
			    .namespace = { row->has_namespace_id ? row->namespace_id : 0 },
			    .project = { row->has_project_id ? row->project_id : 0 },
			    .description = row->description,
			    .tags = row->tags,
			    .run_untagged = row->run_untagged,
			    .is_protected = row->is_protected,
			    .is_paused = row->is_paused,
			    .maximum_timeout =
				    row->has_maximum_timeout ? row->maximum_timeout : 0 },
		.state = state_of(row->state),
		.is_locked = row->is_locked,
		.maintenance_note = row->maintenance_note,
		.created_at = row->created_at,
		.has_contacted_at = row->has_contacted_at,
		.contacted_at = row->contacted_at,
		.version = row->version,
		.platform = row->platform,
		.architecture = row->architecture,
		.executor = row->executor,
		.ip = row->ip,
		.managers = row->managers,
		.busy = row->busy,
		.place = row->place,
	};
}

int runner_list(struct db *db, const struct runner_query *query, struct listing slice,
		struct arena *a, struct runner_views *list, struct err *e)
{
	struct q_runner_view_list_row *rows;
	struct q_runner_view_list_in in = {
		.has_id = query->id.v != 0,
		.id = query->id.v,
		.has_project_id = query->project.v != 0,
		.project_id = query->project.v,
		.has_namespace_id = query->namespace.v != 0,
		.namespace_id = query->namespace.v,
		.kind = query->has_kind ? str_c(runner_kind_name(query->kind)) : STR_NONE,
		.has_serves = query->serves.v != 0,
		.serves = query->serves.v,
		.tags = query->tags,
		.state = str_c(query->state),
		.has_is_paused = query->has_paused,
		.is_paused = query->is_paused,
		.online_seconds = RUNNER_ONLINE_SECONDS,
		.stale_seconds = RUNNER_STALE_SECONDS,
		.has_kept_by = query->kept_by.v != 0,
		.kept_by = query->kept_by.v,
		.skip = slice.offset,
		.take = slice.limit,
	};

	if (q_runner_view_list(db, &in, a, &rows, &list->count, e) < 0)
		return -(int)e->code;
	list->items = ARENA_ARRAY(a, struct runner_view, list->count);
	list->total = list->count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < list->count; i++)
		list->items[i] = view_of_row(&rows[i]);
	return 0;
}

int runner_get(struct db *db, const struct runner_query *query, struct arena *a,
	       struct runner_view *view, struct err *e)
{
	struct runner_views list;

	ASSERT(query->id.v != 0);
	if (runner_list(db, query, (struct listing){ 0, 1 }, a, &list, e) < 0)
		return -(int)e->code;
	if (list.count == 0)
		return err_set(e, ERR_NOT_FOUND, "404 Runner Not Found");
	*view = list.items[0];
	return 0;
}

int runner_list_hosts(struct db *db, struct runner_id id, struct arena *a,
		      struct runner_hosts *hosts, struct err *e)
{
	struct q_runner_hosts_row *rows;

	if (q_runner_hosts(db,
			   &(struct q_runner_hosts_in){ .runner_id = id.v,
							.online_seconds = RUNNER_ONLINE_SECONDS,
							.stale_seconds = RUNNER_STALE_SECONDS },
			   a, &rows, &hosts->count, e) < 0)
		return -(int)e->code;
	hosts->items = ARENA_ARRAY(a, struct runner_host, hosts->count);
	for (size_t i = 0; i < hosts->count; i++)
		hosts->items[i] = (struct runner_host){ .id = rows[i].id,
							.system_id = rows[i].system_id,
							.version = rows[i].version,
							.platform = rows[i].platform,
							.architecture = rows[i].architecture,
							.executor = rows[i].executor,
							.ip = rows[i].ip,
							.created_at = rows[i].created_at,
							.contacted_at = rows[i].contacted_at,
							.state = state_of(rows[i].state) };
	return 0;
}

/* ------------------------------------------------------------------------ changing */

struct changing {
	const struct actor *actor;
	struct runner_id id;
	const struct runner_change *change;
	struct arena *arena;
};

/* The row as it would be, in the form in which new ones are judged. */
static struct runner_new changed(const struct q_runner_for_change_row *row,
				 const struct runner_change *c)
{
	int32_t timeout = row->has_maximum_timeout ? row->maximum_timeout : 0;

	return (struct runner_new){
		.namespace = { row->has_namespace_id ? row->namespace_id : 0 },
		.project = { row->has_project_id ? row->project_id : 0 },
		.description = str_is_none(c->description) ? row->description : c->description,
		.maintenance_note = str_is_none(c->maintenance_note) ? row->maintenance_note
								     : c->maintenance_note,
		.tags = c->has_tags ? c->tags : row->tags,
		.run_untagged = c->has_run_untagged ? c->run_untagged : row->run_untagged,
		.is_protected = c->has_protected ? c->is_protected : row->is_protected,
		.is_paused = c->has_paused ? c->is_paused : row->is_paused,
		.is_locked = c->has_locked ? c->is_locked : row->is_locked,
		.maximum_timeout = c->has_maximum_timeout ? c->maximum_timeout : timeout,
	};
}

static int write_change(struct db *db, struct runner_id id, const struct runner_new *in,
			struct err *e)
{
	return q_runner_update(
		db,
		&(struct q_runner_update_in){ .id = id.v,
					      .description = in->description,
					      .tags = in->tags,
					      .run_untagged = in->run_untagged,
					      .is_protected = in->is_protected,
					      .is_paused = in->is_paused,
					      .is_locked = in->is_locked,
					      .has_maximum_timeout = in->maximum_timeout != 0,
					      .maximum_timeout = in->maximum_timeout,
					      .maintenance_note = in->maintenance_note },
		NULL, e);
}

static int update(struct db *db, void *closure, struct err *e)
{
	const struct changing *c = closure;
	struct q_runner_for_change_row row = { 0 };
	struct runner_new in;
	bool found;

	if (q_runner_for_change(db, &(struct q_runner_for_change_in){ c->id.v }, c->arena, &row,
				&found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Runner Not Found");
	in = changed(&row, c->change);
	if (runner_check_new(&in, e) < 0 || write_change(db, c->id, &in, e) < 0)
		return -(int)e->code;
	return audit_record(db, c->actor,
			    &(struct audit_event){ .act = "runner.update",
						   .object_kind = "runner",
						   .object_id = c->id.v,
						   .object = in.description,
						   .project = in.project,
						   .namespace = in.namespace },
			    e);
}

int runner_update(struct db *db, const struct actor *actor, struct runner_id id,
		  const struct runner_change *change, struct arena *a, struct err *e)
{
	struct changing c = { actor, id, change, a };

	return db_transaction(db, update, &c, e);
}

/* --------------------------------------------------------------------------- access */

int runner_check_access(struct db *db, const struct actor *actor, const struct runner *runner,
			bool to_change, struct arena *a, struct err *e)
{
	struct project_access project = { 0 };
	struct namespace_access group = { 0 };

	switch (runner->kind) {
	case RUNNER_PROJECT:
		if (access_find_project_by_id(db, actor, runner->project, a, &project, e) < 0)
			return -(int)e->code;
		return access_check(actor, to_change ? ACTION_RUNNERS_CHANGE : ACTION_RUNNERS_VIEW,
				    &project.target, e);
	case RUNNER_GROUP:
		if (access_find_namespace_by_id(db, actor, runner->namespace, a, &group, e) < 0)
			return -(int)e->code;
		return access_check(
			actor, to_change ? ACTION_GROUP_RUNNERS_CHANGE : ACTION_GROUP_RUNNERS_VIEW,
			&group.target, e);
	case RUNNER_INSTANCE:
		break;
	}
	return access_check(actor,
			    to_change ? ACTION_ADMIN_RUNNERS_CHANGE : ACTION_ADMIN_RUNNERS_VIEW,
			    NULL, e);
}

/* ----------------------------------------------------------------------------- tags */

static bool has_tag(const struct str_list *tags, struct str tag)
{
	for (size_t i = 0; i < tags->count; i++)
		if (str_eq(tags->items[i], tag))
			return true;
	return false;
}

/* One more than allowed is kept, so that the domain says that they are too many. */
struct str_list runner_tags_of_text(struct str text, struct arena *a)
{
	struct str_list tags = { ARENA_ARRAY(a, struct str, RUNNER_TAGS_MAX + 1), 0 };
	struct str part;

	while (tags.count <= RUNNER_TAGS_MAX && str_cut(&text, ',', &part)) {
		part = str_trim(part);
		if (part.n > 0 && !has_tag(&tags, part))
			tags.items[tags.count++] = part;
	}
	return tags;
}
