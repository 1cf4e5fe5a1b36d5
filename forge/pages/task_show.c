/* A task with its discussion. */
#include "pages/rendered.h"
#include "pages/task.h"
#include "tmpl/task_show.h"

int task_page(struct request *rq, const struct task *task, const struct refused *refused,
	      struct err *e)
{
	const struct review_subject subject = review_of_task(task);
	struct view_task v = {
		.has_description = !str_is_empty(str_trim(task->description)),
		.may_change = task_may_change(&rq->actor, &rq->target, task),
		.closed_by = person_view(rq, &task->closed_by),
		.closed = task->closed_at,
	};

	task_row_view(rq, task, &v.task);
	if (v.has_description && rendered_comment(rq, task->description, &v.description, e) < 0)
		return -(int)e->code;
	if (talk_fill(rq, &subject, refused, &v.talk, e) < 0)
		return -(int)e->code;
	if (v.may_change)
		v.talk.state_act = task->is_closed ? STR("reopen") : STR("close");
	page_frame(rq, &v.page, "tasks");
	tmpl_task_show(request_emit(rq), &v);
	return request_send_page(rq, page_problem_status(&v.talk.problem), e);
}

int page_task(struct request *rq, struct err *e)
{
	struct task task;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_get(db, rq->project->id, page_id(rq, "iid"), rq->arena, &task, e) < 0)
		return -(int)e->code;
	return task_page(rq, &task, NULL, e);
}

int page_task_state(struct request *rq, struct err *e)
{
	const struct task_change change = {
		.has_closed = true,
		.is_closed = str_eq_c(request_form(rq, "act"), "close"),
	};
	struct task task;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_update(db, &rq->actor, rq->project->id, page_id(rq, "iid"), &change, rq->arena,
			&task, e) < 0)
		return -(int)e->code;
	page_notice(rq, task.is_closed ? I18N("The task is closed.") : I18N("The task is open."));
	return request_redirect(
		rq, url_for(rq->arena, ROUTE_task, rq->project->path, request_param(rq, "iid")), e);
}
