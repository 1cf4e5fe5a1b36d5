/* Discussions: writing. The discussion's row is locked before its notes change. */
#include "domain/review.h"

#include "base/random.h"
#include "domain/access.h"
#include "domain/merge.h"
#include "domain/text.h"
#include "store/db.h"

#include "q/review.h"
#include "q/task.h"

struct change {
	const struct actor *actor;
	const struct review_subject *subject;
	const struct note_new *in;
	struct str key;
	struct note_id note;
	struct user_id by; /* of what Hearth says */
	struct str body;
	bool is_resolved;
	struct arena *a;
	struct access_target target; /* read in the transaction */
	struct discussion *discussion;
	struct note *made;
};

static int check_body(struct str body, struct err *e)
{
	if (str_is_empty(str_trim(body)))
		return err_set(e, ERR_UNPROCESSABLE, "A comment has a text: write one.");
	return text_check_long(body, "comment", NOTE_MAX, e);
}

static bool is_whole(const struct review_position *p)
{
	return p->base_sha.n == 40 && p->start_sha.n == 40 && p->head_sha.n == 40 &&
	       !str_is_empty(p->old_path) && !str_is_empty(p->new_path) && p->old_line >= 0 &&
	       p->new_line >= 0 && (p->old_line > 0 || p->new_line > 0);
}

static int check_position(const struct note_new *in, const struct review_subject *subject,
			  struct err *e)
{
	const struct review_position *p = in->position;

	if (!p)
		return 0;
	if (subject->kind != REVIEW_MERGE_REQUEST)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Only a comment on a merge request stands at a line.");
	if (!is_whole(p))
		return err_set(e, ERR_UNPROCESSABLE,
			       "A place in a diff has base_sha, start_sha and head_sha in full, a "
			       "path, and an old or a new line.");
	if (!str_is_utf8_text(p->old_path) || !str_is_utf8_text(p->new_path) ||
	    p->old_path.n > 4096 || p->new_path.n > 4096)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Lines of a file whose name is not UTF-8 cannot be commented on: "
			       "comment on the merge request instead.");
	return 0;
}

/* The subject's row is locked first, so that a merge and a thread exclude each other. */
static int lock_subject(struct db *db, const struct change *c, struct err *e)
{
	if (c->subject->kind == REVIEW_TASK)
		return 0;
	return merge_request_lock(db, (struct merge_request_id){ c->subject->id }, c->a, e);
}

/* The right, then the lock. */
static int enter(struct db *db, struct change *c, struct err *e)
{
	struct project_access found;

	if (access_find_project_by_id(db, c->actor, c->subject->project, c->a, &found, e) < 0)
		return -(int)e->code;
	c->target = found.target;
	if (access_check(c->actor,
			 c->subject->kind == REVIEW_TASK ? ACTION_NOTE_CREATE : ACTION_REVIEW_WRITE,
			 &c->target, e) < 0)
		return -(int)e->code;
	return lock_subject(db, c, e);
}

/* What the subject says about its discussions. */
static int note_subject(struct db *db, const struct change *c, struct err *e)
{
	const struct q_task_touch_in task = { c->subject->id };
	const struct q_discussion_counts_in in = { c->subject->id };
	struct q_discussion_counts_row counts;

	if (c->subject->kind == REVIEW_TASK)
		return q_task_touch(db, &task, NULL, e);
	if (q_discussion_counts(db, &in, c->a, &counts, e) < 0)
		return -(int)e->code;
	return merge_request_note_threads(db, (struct merge_request_id){ c->subject->id },
					  counts.open, counts.notes, e);
}

/* What a new discussion is, besides its first note. */
struct opening {
	const struct review_subject *subject;
	const struct review_position *position; /* or NULL */
	bool is_thread;
	bool is_system;
};

static int add_discussion(struct db *db, const struct opening *o, struct arena *a, int64_t *id,
			  struct str *key, struct err *e)
{
	const struct review_position *p = o->position;
	struct q_discussion_add_in in = {
		.key = random_hex(a, REVIEW_KEY_LENGTH / 2),
		.project_id = o->subject->project.v,
		.has_task_id = o->subject->kind == REVIEW_TASK,
		.task_id = o->subject->id,
		.has_merge_request_id = o->subject->kind == REVIEW_MERGE_REQUEST,
		.merge_request_id = o->subject->id,
		.is_thread = o->is_thread || p,
		.is_system = o->is_system,
	};
	struct q_discussion_add_row row;

	if (p) {
		in.base_sha = p->base_sha;
		in.start_sha = p->start_sha;
		in.head_sha = p->head_sha;
		in.old_path = p->old_path;
		in.new_path = p->new_path;
		in.has_old_line = p->old_line > 0;
		in.old_line = p->old_line;
		in.has_new_line = p->new_line > 0;
		in.new_line = p->new_line;
	}
	if (q_discussion_add(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	*id = row.id;
	*key = in.key;
	return 0;
}

static int add_note(struct db *db, int64_t discussion, struct user_id author, struct str body,
		    bool is_system, struct arena *a, int64_t *id, struct err *e)
{
	const struct q_note_add_in in = { .discussion_id = discussion,
					  .has_author_id = author.v != 0,
					  .author_id = author.v,
					  .body = body,
					  .is_system = is_system };
	struct q_note_add_row row;

	if (q_note_add(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	*id = row.id;
	return 0;
}

static int start(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct opening opening = { .subject = c->subject,
					 .position = c->in->position,
					 .is_thread = c->in->is_thread };
	int64_t id = 0;
	int64_t note = 0;

	if (enter(db, c, e) < 0 || add_discussion(db, &opening, c->a, &id, &c->key, e) < 0 ||
	    add_note(db, id, c->actor->user, c->in->body, false, c->a, &note, e) < 0 ||
	    note_subject(db, c, e) < 0)
		return -(int)e->code;
	return review_get(db, c->subject, c->key, c->a, c->discussion, e);
}

int review_start(struct db *db, const struct actor *actor, const struct review_subject *subject,
		 const struct note_new *in, struct arena *a, struct discussion *made, struct err *e)
{
	struct change c = {
		.actor = actor, .subject = subject, .in = in, .a = a, .discussion = made
	};

	if (check_body(in->body, e) < 0 || check_position(in, subject, e) < 0)
		return -(int)e->code;
	return db_transaction(db, start, &c, e);
}

static int reply(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct q_discussion_answer_in in = {
		.has_task_id = c->subject->kind == REVIEW_TASK,
		.task_id = c->subject->id,
		.has_merge_request_id = c->subject->kind == REVIEW_MERGE_REQUEST,
		.merge_request_id = c->subject->id,
		.key = c->key,
	};
	struct q_discussion_answer_row row;
	struct discussion discussion;
	bool found;
	int64_t id = 0;

	if (enter(db, c, e) < 0 || q_discussion_answer(db, &in, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND,
			       "There is no such discussion here, or it cannot be answered: "
			       "somebody may have removed it.");
	if (add_note(db, row.id, c->actor->user, c->body, false, c->a, &id, e) < 0 ||
	    note_subject(db, c, e) < 0)
		return -(int)e->code;
	return review_get_by_note(db, c->subject, (struct note_id){ id }, c->a, &discussion,
				  c->made, e);
}

int review_reply(struct db *db, const struct actor *actor, const struct review_subject *subject,
		 struct str key, struct str body, struct arena *a, struct note *made, struct err *e)
{
	struct change c = { .actor = actor,
			    .subject = subject,
			    .key = key.p ? key : STR(""),
			    .body = body,
			    .a = a,
			    .made = made };

	if (check_body(body, e) < 0)
		return -(int)e->code;
	return db_transaction(db, reply, &c, e);
}

/* The discussion's row locked, the note read, the right checked. */
static int get_own_note(struct db *db, struct change *c, struct discussion *discussion,
			struct note *note, struct err *e)
{
	struct q_discussion_lock_in lock;
	struct q_discussion_lock_row row;
	bool found;

	if (enter(db, c, e) < 0 ||
	    review_get_by_note(db, c->subject, c->note, c->a, discussion, note, e) < 0)
		return -(int)e->code;
	lock.id = discussion->id.v;
	if (q_discussion_lock(db, &lock, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	if (note->is_system)
		return err_set(e, ERR_FORBIDDEN,
			       "What Hearth noted is not changed: it tells what happened.");
	if (!review_may_change(c->actor, &c->target, note))
		return err_set(e, ERR_FORBIDDEN,
			       "A comment is changed and removed by its author, or by a "
			       "maintainer of the project.");
	return 0;
}

static int update(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct q_note_set_in in = { c->note.v, c->body };
	struct discussion discussion;
	struct note note;

	if (get_own_note(db, c, &discussion, &note, e) < 0)
		return -(int)e->code;
	return q_note_set(db, &in, NULL, e);
}

static int remove_note(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct q_note_remove_in in = { c->note.v };
	struct q_discussion_remove_empty_in empty;
	struct q_note_remove_row row;
	struct discussion discussion;
	struct note note;
	bool found;

	if (get_own_note(db, c, &discussion, &note, e) < 0 ||
	    q_note_remove(db, &in, c->a, &row, &found, e) < 0)
		return -(int)e->code;
	empty.id = discussion.id.v;
	if (q_discussion_remove_empty(db, &empty, NULL, e) < 0)
		return -(int)e->code;
	return note_subject(db, c, e);
}

static int alone(struct db *db, db_work *work, struct change *c, struct err *e)
{
	int code;

	c->a = arena_open(0);
	code = db_transaction(db, work, c, e);
	arena_close(c->a);
	return code;
}

int review_update(struct db *db, const struct actor *actor, const struct review_subject *subject,
		  struct note_id id, struct str body, struct err *e)
{
	struct change c = { .actor = actor, .subject = subject, .note = id, .body = body };

	if (check_body(body, e) < 0)
		return -(int)e->code;
	return alone(db, update, &c, e);
}

int review_remove(struct db *db, const struct actor *actor, const struct review_subject *subject,
		  struct note_id id, struct err *e)
{
	struct change c = { .actor = actor, .subject = subject, .note = id };

	return alone(db, remove_note, &c, e);
}

static int resolve(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	struct q_discussion_resolve_in in = { .has_user_id = c->actor->user.v != 0,
					      .user_id = c->actor->user.v };
	struct q_discussion_unresolve_in unresolve;
	struct discussion d;

	if (enter(db, c, e) < 0 || review_get(db, c->subject, c->key, c->a, &d, e) < 0)
		return -(int)e->code;
	if (!d.is_resolvable)
		return err_set(e, ERR_UNPROCESSABLE,
			       "Only a thread on a merge request is resolved; this is a comment.");
	if (!review_may_resolve(c->actor, &c->target, c->subject, &d))
		return err_set(e, ERR_FORBIDDEN,
			       "A thread is resolved by who started it, by the author of the merge "
			       "request, or by a developer of the project.");
	in.id = d.id.v;
	unresolve.id = d.id.v;
	if ((c->is_resolved ? q_discussion_resolve(db, &in, NULL, e)
			    : q_discussion_unresolve(db, &unresolve, NULL, e)) < 0)
		return -(int)e->code;
	return note_subject(db, c, e);
}

int review_resolve(struct db *db, const struct actor *actor, const struct review_subject *subject,
		   struct str key, bool is_resolved, struct err *e)
{
	struct change c = {
		.actor = actor, .subject = subject, .key = key, .is_resolved = is_resolved
	};

	return alone(db, resolve, &c, e);
}

static int say(struct db *db, void *closure, struct err *e)
{
	struct change *c = closure;
	const struct opening opening = { .subject = c->subject, .is_system = true };
	int64_t id = 0;
	int64_t note = 0;

	if (add_discussion(db, &opening, c->a, &id, &c->key, e) < 0)
		return -(int)e->code;
	return add_note(db, id, c->by, c->body, true, c->a, &note, e);
}

int review_say(struct db *db, const struct review_subject *subject, struct user_id by,
	       struct str body, struct err *e)
{
	struct change c = { .subject = subject, .by = by, .body = body };

	return alone(db, say, &c, e);
}
