/* Tasks: their list, one with its discussion, the form. */
#ifndef PAGES_TASK_H
#define PAGES_TASK_H

#include "domain/task.h"
#include "pages/review.h"

struct view_label {
	struct str name;
	struct str link; /* the list with this label alone */
};

struct view_labels {
	struct view_label *items;
	size_t count;
};

struct view_task_row {
	struct str project; /* path, for links */
	int64_t iid;
	struct str title;
	bool is_closed, has_assignee;
	struct view_labels labels;
	struct view_person author, assignee;
	struct instant created, updated;
	int64_t notes;
};

struct view_tasks {
	struct view_page page;
	struct str state; /* "opened", "closed", "all" */
	struct str search, label, assignee;
	bool is_filtered, may_create;
	int64_t opened, closed;
	struct view_task_row *tasks;
	size_t tasks_count;
	struct view_pager pager;
};

struct view_task {
	struct view_page page;
	struct view_task_row task;
	struct html description;
	bool has_description, may_change;
	struct view_person closed_by;
	struct instant closed;
	struct view_talk talk;
};

struct view_task_form {
	struct view_page page;
	struct view_problem problem;
	bool is_new;
	int64_t iid;
	struct str action, back; /* whole URLs */
	struct str title, description, labels;
	struct view_name *known_labels;
	size_t known_labels_count;
	struct view_option *people;
	size_t people_count;
};

struct view_labels labels_view(struct request *rq, const struct str_list *labels,
			       enum route_id list);
void task_row_view(struct request *rq, const struct task *task, struct view_task_row *row);

/* "a, b" as typed into a form. */
struct str_list labels_of_text(struct request *rq, struct str text);
struct str labels_text(struct request *rq, const struct str_list *labels);
/* Members of the project as options, `chosen` marked (and added if they are none). */
MUST_USE int assignable_people(struct request *rq, const struct user_brief *chosen,
			       struct view_option **people, size_t *count, struct err *e);

/* refused may be NULL. */
MUST_USE int task_page(struct request *rq, const struct task *task, const struct refused *refused,
		       struct err *e);

route_handler page_tasks;
route_handler page_task;
route_handler page_task_new;
route_handler page_task_create;
route_handler page_task_edit;
route_handler page_task_update;
route_handler page_task_state;

#endif
