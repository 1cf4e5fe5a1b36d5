/* Tasks: opening and changing them. */
#include "domain/task.h"

#include "base/buf.h"
#include "domain/access.h"
#include "domain/review.h"
#include "domain/text.h"
#include "domain/user.h"
#include "store/db.h"

#include "q/task.h"

#include <stdlib.h>

struct change {
	const struct actor *actor;
	struct project_id project;
	int64_t iid;
	const struct task_new *new;
	const struct task_change *in;
	struct arena *a;
	struct task *task;
	struct access_target target; /* read in the transaction */
};

static int check_label(struct str label, struct err *e)
{
	if (text_check_title(label, "label", e) < 0)
		return -(int)e->code;
	if (str_has(label, ','))
		return err_set(e, ERR_UNPROCESSABLE,
			       "A label has no comma: commas stand between labels.");
	return 0;
}

static int compare_labels(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Trimmed, sorted, each once; empty ones are left out. */
static int clean_labels(struct str_list in, struct arena *a, struct str_list *out, struct err *e)
{
	struct str *items = ARENA_ARRAY(a, struct str, in.count + 1);
	size_t kept = 0;
	size_t count = 0;

	for (size_t i = 0; i < in.count; i++) {
		struct str label = str_trim(in.items[i]);

		if (str_is_empty(label))
			continue;
		if (check_label(label, e) < 0)
			return -(int)e->code;
		items[kept++] = label;
	}
	qsort(items, kept, sizeof(*items), compare_labels);
	for (size_t i = 0; i < kept; i++)
		if (count == 0 || !str_eq(items[count - 1], items[i]))
			items[count++] = items[i];
	if (count > TASK_LABELS_MAX)
		return err_set(e, ERR_UNPROCESSABLE, "A task has at most %d labels.",
			       TASK_LABELS_MAX);
	*out = (struct str_list){ items, count };
	return 0;
}

static bool has_label(const struct str_list *list, struct str label)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(str_trim(list->items[i]), label))
			return true;
	return false;
}

/* What the labels are after the change. */
static int changed_labels(const struct change *c, struct str_list *labels, struct err *e)
{
	const struct task_change *in = c->in;
	const struct str_list base = in->has_labels ? in->labels : c->task->labels;
	struct str_list all = {
		ARENA_ARRAY(c->a, struct str, base.count + in->add_labels.count + 1), 0
	};

	for (size_t i = 0; i < base.count; i++)
		if (!has_label(&in->remove_labels, str_trim(base.items[i])))
			all.items[all.count++] = base.items[i];
	for (size_t i = 0; i < in->add_labels.count; i++)
		all.items[all.count++] = in->add_labels.items[i];
	return clean_labels(all, c->a, labels, e);
}

static int check_right(struct db *db, struct change *c, enum action action, struct err *e)
{
	struct project_access found;

	if (access_find_project_by_id(db, c->actor, c->project, c->a, &found, e) < 0)
		return -(int)e->code;
	c->target = found.target;
	return access_check(c->actor, action, &c->target, e);
}

/* Somebody who will see the task. */
static int check_assignee(struct db *db, const struct change *c, struct user_id id,
			  struct user *user, struct err *e)
{
	struct project_access found;
	struct actor actor;
	bool exists;

	if (user_find(db, id, c->a, user, &exists, e) < 0)
		return -(int)e->code;
	if (!exists || user->is_blocked)
		return err_set(e, ERR_UNPROCESSABLE,
			       "There is no such user, or the account is blocked: choose another "
			       "assignee.");
	actor = user_actor(user, ACTOR_SESSION);
	if (access_find_project_by_id(db, &actor, c->project, c->a, &found, e) < 0)
		return -(int)e->code;
	if (!access_sees(&actor, &found.target))
		return err_set(e, ERR_UNPROCESSABLE,
			       "%.*s cannot see this project. A maintainer can make them a member "
			       "first.",
			       STR_FMT(user->username));
	return 0;
}

static int create(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct task_new *in = c->new;
	const struct q_task_next_iid_in next = { c->project.v };
	struct q_task_next_iid_row number;
	struct q_task_add_row row;
	struct str_list labels;
	struct user user;

	if (check_right(db, c, ACTION_TASK_CREATE, e) < 0 ||
	    clean_labels(in->labels, c->a, &labels, e) < 0)
		return -(int)e->code;
	if (in->assignee.v != 0 && check_assignee(db, c, in->assignee, &user, e) < 0)
		return -(int)e->code;
	if (q_task_next_iid(db, &next, c->a, &number, e) < 0)
		return -(int)e->code;
	if (q_task_add(db,
		       &(struct q_task_add_in){ .project_id = c->project.v,
						.iid = number.iid,
						.title = str_trim(in->title),
						.description = in->description.p ? in->description
										 : STR(""),
						.labels = labels,
						.has_author_id = c->actor->user.v != 0,
						.author_id = c->actor->user.v,
						.has_assignee_id = in->assignee.v != 0,
						.assignee_id = in->assignee.v },
		       c->a, &row, e) < 0)
		return -(int)e->code;
	return task_get(db, c->project, number.iid, c->a, c->task, e);
}

int task_create(struct db *db, const struct actor *actor, struct project_id project,
		const struct task_new *in, struct arena *a, struct task *task, struct err *e)
{
	struct change c = { .actor = actor, .project = project, .new = in, .a = a, .task = task };

	if (text_check_title(in->title, "title", e) < 0 ||
	    text_check_long(in->description, "text", TASK_TEXT_MAX, e) < 0)
		return -(int)e->code;
	return db_transaction(db, create, &c, e);
}

static int say(struct db *db, const struct change *c, struct str body, struct err *e)
{
	const struct review_subject subject = review_of_task(c->task);

	return review_say(db, &subject, c->actor->user, body, e);
}

static int set_state(struct db *db, const struct change *c, struct err *e)
{
	const struct q_task_close_in close = { .id = c->task->id.v,
					       .has_closed_by_id = c->actor->user.v != 0,
					       .closed_by_id = c->actor->user.v };
	const struct q_task_reopen_in reopen = { c->task->id.v };

	if (!c->in->has_closed || c->in->is_closed == c->task->is_closed)
		return 0;
	if (!c->in->is_closed) {
		if (q_task_reopen(db, &reopen, NULL, e) < 0)
			return -(int)e->code;
		return say(db, c, STR("opened this again"), e);
	}
	if (q_task_close(db, &close, NULL, e) < 0)
		return -(int)e->code;
	if (str_is_empty(c->in->because))
		return say(db, c, STR("closed this"), e);
	return say(db, c, arena_fmt(c->a, "closed this %.*s", STR_FMT(c->in->because)), e);
}

static int say_title(struct db *db, const struct change *c, struct str title, struct err *e)
{
	if (str_eq(title, c->task->title))
		return 0;
	return say(db, c,
		   arena_fmt(c->a, "changed the title from **%.*s** to **%.*s**",
			     STR_FMT(text_quoted(c->a, c->task->title)),
			     STR_FMT(text_quoted(c->a, title))),
		   e);
}

static int say_assignee(struct db *db, const struct change *c, struct err *e)
{
	struct user user;

	if (!c->in->has_assignee || c->in->assignee.v == c->task->assignee.id.v)
		return 0;
	if (c->in->assignee.v == 0)
		return say(db, c, STR("removed the assignee"), e);
	if (check_assignee(db, c, c->in->assignee, &user, e) < 0)
		return -(int)e->code;
	return say(db, c, arena_fmt(c->a, "assigned @%.*s", STR_FMT(user.username)), e);
}

static int say_texts(struct db *db, const struct change *c, const struct q_task_set_in *set,
		     struct err *e)
{
	struct str labels = text_label_change(c->a, &c->task->labels, &set->labels);

	if (say_title(db, c, set->title, e) < 0)
		return -(int)e->code;
	if (!str_eq(set->description, c->task->description) &&
	    say(db, c, STR("changed the text"), e) < 0)
		return -(int)e->code;
	return str_is_none(labels) ? 0 : say(db, c, labels, e);
}

static int set_fields(struct db *db, const struct change *c, struct err *e)
{
	const struct task_change *in = c->in;
	const struct user_id assignee = in->has_assignee ? in->assignee : c->task->assignee.id;
	struct q_task_set_in set = {
		.id = c->task->id.v,
		.title = str_is_none(in->title) ? c->task->title : str_trim(in->title),
		.description =
			str_is_none(in->description) ? c->task->description : in->description,
		.has_assignee_id = assignee.v != 0,
		.assignee_id = assignee.v,
	};

	if (changed_labels(c, &set.labels, e) < 0 || say_texts(db, c, &set, e) < 0 ||
	    say_assignee(db, c, e) < 0)
		return -(int)e->code;
	return q_task_set(db, &set, NULL, e);
}

static bool sets_fields(const struct task_change *in)
{
	return !str_is_none(in->title) || !str_is_none(in->description) || in->has_labels ||
	       in->add_labels.count > 0 || in->remove_labels.count > 0 || in->has_assignee;
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct q_task_lock_in lock = { c->project.v, c->iid };
	struct q_task_lock_row row;
	bool found;

	if (check_right(db, c, ACTION_TASK_VIEW, e) < 0 ||
	    q_task_lock(db, &lock, c->a, &row, &found, e) < 0 ||
	    task_get(db, c->project, c->iid, c->a, c->task, e) < 0)
		return -(int)e->code;
	if (!task_may_change(c->actor, &c->target, c->task) &&
	    access_check(c->actor, ACTION_TASK_CHANGE, &c->target, e) < 0)
		return -(int)e->code;
	if (sets_fields(c->in) && set_fields(db, c, e) < 0)
		return -(int)e->code;
	if (set_state(db, c, e) < 0)
		return -(int)e->code;
	return task_get(db, c->project, c->iid, c->a, c->task, e);
}

int task_update(struct db *db, const struct actor *actor, struct project_id project, int64_t iid,
		const struct task_change *in, struct arena *a, struct task *task, struct err *e)
{
	struct change c = {
		.actor = actor, .project = project, .iid = iid, .in = in, .a = a, .task = task
	};

	if (!str_is_none(in->title) && text_check_title(in->title, "title", e) < 0)
		return -(int)e->code;
	if (text_check_long(in->description, "text", TASK_TEXT_MAX, e) < 0)
		return -(int)e->code;
	return db_transaction(db, update, &c, e);
}
