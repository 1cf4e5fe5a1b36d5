/* What the pages of tasks share: rows, labels, people to choose from. */
#include "domain/member.h"
#include "pages/task.h"

struct view_labels labels_view(struct request *rq, const struct str_list *labels,
			       enum route_id list)
{
	const struct str path = page_url(rq, url_for(rq->arena, list, rq->project->path));
	struct view_labels views = { ARENA_ARRAY(rq->arena, struct view_label, labels->count + 1),
				     labels->count };

	for (size_t i = 0; i < labels->count; i++)
		views.items[i] = (struct view_label){
			.name = labels->items[i],
			.link = page_with_query(rq, path, "label_name", labels->items[i]),
		};
	return views;
}

void task_row_view(struct request *rq, const struct task *task, struct view_task_row *row)
{
	*row = (struct view_task_row){
		.project = rq->project->path,
		.iid = task->iid,
		.title = task->title,
		.is_closed = task->is_closed,
		.has_assignee = task->assignee.id.v != 0,
		.labels = labels_view(rq, &task->labels, ROUTE_tasks),
		.author = person_view(rq, &task->author),
		.assignee = person_view(rq, &task->assignee),
		.created = task->created_at,
		.updated = task->updated_at,
		.notes = task->notes,
	};
}

struct str_list labels_of_text(struct request *rq, struct str text)
{
	struct str_list labels = { ARENA_ARRAY(rq->arena, struct str, text.n / 2 + 2), 0 };
	struct str rest = text;
	struct str part;

	while (!str_is_none(text) && str_cut(&rest, ',', &part))
		if (!str_is_empty(str_trim(part)))
			labels.items[labels.count++] = str_trim(part);
	return labels;
}

struct str labels_text(struct request *rq, const struct str_list *labels)
{
	struct buf out;
	struct str text;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < labels->count; i++) {
		if (i > 0)
			buf_add_c(&out, ", ");
		buf_add(&out, labels->items[i]);
	}
	text = arena_str(rq->arena, buf_str(&out));
	buf_fini(&out);
	return text;
}

int assignable_people(struct request *rq, const struct user_brief *chosen,
		      struct view_option **people, size_t *count, struct err *e)
{
	const struct member_place place = { .project = rq->project->id };
	struct members members;
	struct view_option *items;
	bool is_listed = false;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    member_list(db, place, true, STR_NONE, LISTING_FIRST, rq->arena, &members, e) < 0)
		return -(int)e->code;
	items = ARENA_ARRAY(rq->arena, struct view_option, members.count + 1);
	*count = 0;
	for (size_t i = 0; i < members.count; i++) {
		const struct member *m = members.items[i];

		if (m->is_blocked)
			continue;
		items[(*count)++] =
			(struct view_option){ m->user.v, m->username, m->user.v == chosen->id.v };
		is_listed = is_listed || m->user.v == chosen->id.v;
	}
	if (chosen->id.v != 0 && !is_listed)
		items[(*count)++] = (struct view_option){ chosen->id.v, chosen->username, true };
	*people = items;
	return 0;
}
