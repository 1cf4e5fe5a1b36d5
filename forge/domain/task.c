/* Tasks: reading them. Changing them is task_change.c. */
#include "domain/task.h"

#include "domain/access.h"
#include "domain/row.h"
#include "store/db.h"

#include "q/task.h"

#define TASK_OF_ROW(row)                                       \
	((struct task){                                        \
		.id = { (row)->id },                           \
		.project = { (row)->project_id },              \
		.iid = (row)->iid,                             \
		.title = (row)->title,                         \
		.description = (row)->description,             \
		.is_closed = str_eq_c((row)->state, "closed"), \
		.labels = (row)->labels,                       \
		.author = BRIEF_OF_ROW(row, author),           \
		.assignee = BRIEF_OF_ROW(row, assignee),       \
		.created_at = (row)->created_at,               \
		.updated_at = (row)->updated_at,               \
		.closed_at = (row)->closed_at,                 \
		.closed_by = BRIEF_OF_ROW(row, closed_by),     \
		.notes = (row)->notes,                         \
	})

int task_get(struct db *db, struct project_id project, int64_t iid, struct arena *a,
	     struct task *task, struct err *e)
{
	const struct q_task_get_in in = { .project_id = project.v, .iid = iid };
	struct q_task_get_row row;
	bool found;

	if (q_task_get(db, &in, a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "This project has no task #%lld.", (long long)iid);
	*task = TASK_OF_ROW(&row);
	return 0;
}

static struct q_task_list_in list_in(struct project_id project, const struct task_filter *filter,
				     struct listing slice)
{
	return (struct q_task_list_in){
		.project_id = project.v,
		.namespace_id = filter->namespace.v,
		.state = !filter->has_closed ? STR_NONE
			 : filter->is_closed ? STR("closed")
					     : STR("opened"),
		.author = filter->author,
		.assignee = filter->assignee,
		.is_unassigned = filter->is_unassigned,
		.labels = filter->labels,
		.search = filter->search,
		.has_iids = filter->iids.count > 0,
		.iids = filter->iids,
		.is_oldest_first = filter->is_oldest_first,
		.skip = slice.offset,
		.take = slice.limit,
	};
}

static int list(struct db *db, const struct q_task_list_in *in, struct arena *a,
		struct tasks *tasks, struct err *e)
{
	struct q_task_list_row *rows;
	size_t count;

	if (q_task_list(db, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	tasks->items = ARENA_ARRAY(a, struct task, count);
	tasks->count = count;
	tasks->total = count > 0 ? rows[0].total : 0;
	for (size_t i = 0; i < count; i++) {
		tasks->items[i] = TASK_OF_ROW(&rows[i]);
		tasks->items[i].project_path = rows[i].project_path;
	}
	return 0;
}

int task_list(struct db *db, struct project_id project, const struct task_filter *filter,
	      struct listing slice, struct arena *a, struct tasks *tasks, struct err *e)
{
	const struct q_task_list_in in = list_in(project, filter, slice);

	return list(db, &in, a, tasks, e);
}

int task_list_visible(struct db *db, const struct actor *actor, const struct task_filter *filter,
		      struct listing slice, struct arena *a, struct tasks *tasks, struct err *e)
{
	const struct viewer viewer = viewer_of(actor);
	struct q_task_list_in in = list_in((struct project_id){ 0 }, filter, slice);

	in.viewer = viewer.user_id;
	in.sees_internal = viewer.sees_internal;
	in.sees_all = viewer.sees_all;
	in.only_project_id = actor->only_project.v;
	in.only_namespace_id = actor->only_namespace.v;
	return list(db, &in, a, tasks, e);
}

int task_count(struct db *db, struct project_id project, struct arena *a,
	       struct task_counts *counts, struct err *e)
{
	const struct q_task_count_in in = { project.v };
	struct q_task_count_row row;

	if (q_task_count(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	*counts = (struct task_counts){ .opened = row.opened, .closed = row.closed };
	return 0;
}

int task_labels(struct db *db, struct project_id project, struct arena *a, struct str_list *labels,
		struct err *e)
{
	const struct q_task_labels_in in = { project.v };
	struct q_task_labels_row *rows;
	size_t count;

	if (q_task_labels(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	labels->items = ARENA_ARRAY(a, struct str, count);
	labels->count = count;
	for (size_t i = 0; i < count; i++)
		labels->items[i] = rows[i].label;
	return 0;
}

int task_list_waiting(struct db *db, const struct actor *actor, struct listing slice,
		      struct arena *a, struct tasks *tasks, struct err *e)
{
	const struct viewer viewer = viewer_of(actor);
	const struct q_task_waiting_in in = { .user_id = actor->user.v,
					      .sees_internal = viewer.sees_internal,
					      .sees_all = viewer.sees_all,
					      .skip = slice.offset,
					      .take = slice.limit };
	struct q_task_waiting_row *rows;
	size_t count;

	if (q_task_waiting(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*tasks = (struct tasks){ ARENA_ARRAY(a, struct task, count), count,
				 count > 0 ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++)
		tasks->items[i] = (struct task){
			.id = { rows[i].id },
			.project = { rows[i].project_id },
			.project_path = rows[i].project_path,
			.iid = rows[i].iid,
			.title = rows[i].title,
			.labels = rows[i].labels,
			.author = BRIEF_OF_ROW(&rows[i], author),
			.created_at = rows[i].created_at,
			.updated_at = rows[i].updated_at,
		};
	return 0;
}

bool task_may_change(const struct actor *actor, const struct access_target *project,
		     const struct task *task)
{
	if (access_allows(actor, ACTION_TASK_CHANGE, project))
		return true;
	return actor->user.v != 0 && actor->user.v == task->author.id.v &&
	       access_allows(actor, ACTION_TASK_CREATE, project);
}
