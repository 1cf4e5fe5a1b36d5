/* Tasks of a project: open, closed, all; by label, assignee and words. */
#include "pages/task.h"
#include "tmpl/task_list.h"

#define TASK_ROWS 30

static struct task_filter filter_of(struct request *rq, struct view_tasks *v)
{
	struct str *label = ARENA_NEW(rq->arena, struct str);

	v->state = request_query(rq, "state");
	if (!str_eq_c(v->state, "closed") && !str_eq_c(v->state, "all"))
		v->state = STR("opened");
	v->search = str_trim(request_query(rq, "search"));
	v->label = request_query(rq, "label_name");
	v->assignee = str_trim(request_query(rq, "assignee_username"));
	v->is_filtered =
		!str_is_empty(v->search) || !str_is_empty(v->label) || !str_is_empty(v->assignee);
	*label = v->label;
	return (struct task_filter){
		.has_closed = !str_eq_c(v->state, "all"),
		.is_closed = str_eq_c(v->state, "closed"),
		.search = str_is_empty(v->search) ? STR_NONE : v->search,
		.assignee = str_is_empty(v->assignee) ? STR_NONE : v->assignee,
		.labels = { label, !str_is_empty(v->label) },
	};
}

int page_tasks(struct request *rq, struct err *e)
{
	struct view_tasks v = { .may_create = request_may(rq, ACTION_TASK_CREATE) };
	const struct task_filter filter = filter_of(rq, &v);
	const struct listing slice = page_listing(rq, TASK_ROWS);
	struct task_counts counts;
	struct tasks tasks;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_list(db, rq->project->id, &filter, slice, rq->arena, &tasks, e) < 0 ||
	    task_count(db, rq->project->id, rq->arena, &counts, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "tasks");
	v.opened = counts.opened;
	v.closed = counts.closed;
	v.tasks = ARENA_ARRAY(rq->arena, struct view_task_row, tasks.count + 1);
	for (size_t i = 0; i < tasks.count; i++)
		task_row_view(rq, &tasks.items[i], &v.tasks[v.tasks_count++]);
	v.pager = page_pager(rq, slice, tasks.total, false);
	tmpl_task_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
