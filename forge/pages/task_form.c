/* The form of a task: a new one, and changing one. */
#include "pages/task.h"
#include "tmpl/task_form.h"

#include <inttypes.h>

static int form_page(struct request *rq, struct view_task_form *v,
		     const struct user_brief *assignee, struct err *e)
{
	struct str_list labels;
	struct db *db;

	if (assignable_people(rq, assignee, &v->people, &v->people_count, e) < 0 ||
	    request_db(rq, &db, e) < 0 ||
	    task_labels(db, rq->project->id, rq->arena, &labels, e) < 0)
		return -(int)e->code;
	v->known_labels = ARENA_ARRAY(rq->arena, struct view_name, labels.count + 1);
	for (size_t i = 0; i < labels.count; i++)
		v->known_labels[v->known_labels_count++].name = labels.items[i];
	page_frame(rq, &v->page, "tasks");
	tmpl_task_form(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

static void read_form(const struct request *rq, struct view_task_form *v,
		      struct user_brief *assignee)
{
	v->title = str_trim(request_form(rq, "title"));
	v->description = request_form(rq, "description");
	v->labels = request_form(rq, "labels");
	*assignee = (struct user_brief){ 0 };
	if (!request_form_i64(rq, "assignee", &assignee->id.v))
		assignee->id.v = 0;
}

static void new_addresses(struct request *rq, struct view_task_form *v)
{
	v->is_new = true;
	v->action = page_url(rq, url_for(rq->arena, ROUTE_task_create, rq->project->path));
	v->back = page_url(rq, url_for(rq->arena, ROUTE_tasks, rq->project->path));
}

static void edit_addresses(struct request *rq, struct view_task_form *v)
{
	const struct str iid = request_param(rq, "iid");

	v->iid = page_id(rq, "iid");
	v->action = page_url(rq, url_for(rq->arena, ROUTE_task_update, rq->project->path, iid));
	v->back = page_url(rq, url_for(rq->arena, ROUTE_task, rq->project->path, iid));
}

int page_task_new(struct request *rq, struct err *e)
{
	struct view_task_form v = { .title = request_query(rq, "title"),
				    .description = request_query(rq, "description") };

	new_addresses(rq, &v);
	return form_page(rq, &v, &(struct user_brief){ 0 }, e);
}

static int show_task(struct request *rq, const struct task *task, struct err *e)
{
	return request_redirect(rq,
				url_for(rq->arena, ROUTE_task, rq->project->path,
					arena_fmt(rq->arena, "%" PRId64, task->iid)),
				e);
}

int page_task_create(struct request *rq, struct err *e)
{
	struct view_task_form v = { 0 };
	struct user_brief assignee;
	struct err error = { 0 };
	struct task_new in;
	struct task task;
	struct db *db;

	read_form(rq, &v, &assignee);
	in = (struct task_new){ .title = v.title,
				.description = v.description,
				.labels = labels_of_text(rq, v.labels),
				.assignee = assignee.id };
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (task_create(db, &rq->actor, rq->project->id, &in, rq->arena, &task, &error) == 0)
		return show_task(rq, &task, e);
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	new_addresses(rq, &v);
	return form_page(rq, &v, &assignee, e);
}

int page_task_edit(struct request *rq, struct err *e)
{
	struct view_task_form v = { 0 };
	struct task task;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    task_get(db, rq->project->id, page_id(rq, "iid"), rq->arena, &task, e) < 0)
		return -(int)e->code;
	if (!task_may_change(&rq->actor, &rq->target, &task) &&
	    access_check(&rq->actor, ACTION_TASK_CHANGE, &rq->target, e) < 0)
		return -(int)e->code;
	v.title = task.title;
	v.description = task.description;
	v.labels = labels_text(rq, &task.labels);
	edit_addresses(rq, &v);
	return form_page(rq, &v, &task.assignee, e);
}

int page_task_update(struct request *rq, struct err *e)
{
	struct view_task_form v = { 0 };
	struct user_brief assignee;
	struct err error = { 0 };
	struct task_change in;
	struct task task;
	struct db *db;

	read_form(rq, &v, &assignee);
	in = (struct task_change){ .title = v.title.p ? v.title : STR(""),
				   .description = v.description.p ? v.description : STR(""),
				   .has_labels = true,
				   .labels = labels_of_text(rq, v.labels),
				   .has_assignee = true,
				   .assignee = assignee.id };
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (task_update(db, &rq->actor, rq->project->id, page_id(rq, "iid"), &in, rq->arena, &task,
			&error) == 0)
		return show_task(rq, &task, e);
	if (!page_is_problem(rq, &error, &v.problem, e))
		return -(int)e->code;
	edit_addresses(rq, &v);
	return form_page(rq, &v, &assignee, e);
}
