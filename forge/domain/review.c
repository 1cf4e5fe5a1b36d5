/* Discussions: reading them, and who may do what. Writing is review_write.c. */
#include "domain/review.h"

#include "domain/access.h"
#include "domain/merge_request.h"
#include "domain/row.h"
#include "store/db.h"

#include "q/review.h"

struct review_subject review_of_task(const struct task *task)
{
	return (struct review_subject){ .kind = REVIEW_TASK,
					.id = task->id.v,
					.iid = task->iid,
					.project = task->project,
					.author = task->author.id };
}

#define DISCUSSION_OF_ROW(row)                                                         \
	((struct discussion){                                                          \
		.id = { (row)->id },                                                   \
		.key = (row)->key,                                                     \
		.is_thread = (row)->is_thread,                                         \
		.is_resolved = (row)->has_resolved_at,                                 \
		.resolved_by = BRIEF_OF_ROW(row, resolved_by),                         \
		.resolved_at = (row)->resolved_at,                                     \
		.has_position = !str_is_none((row)->head_sha),                         \
		.position = { .base_sha = (row)->base_sha,                             \
			      .start_sha = (row)->start_sha,                           \
			      .head_sha = (row)->head_sha,                             \
			      .old_path = (row)->old_path,                             \
			      .new_path = (row)->new_path,                             \
			      .old_line = (row)->has_old_line ? (row)->old_line : 0,   \
			      .new_line = (row)->has_new_line ? (row)->new_line : 0 }, \
		.created_at = (row)->created_at,                                       \
	})

struct review_subject review_of_merge_request(const struct merge_request *mr)
{
	return (struct review_subject){ .kind = REVIEW_MERGE_REQUEST,
					.id = mr->id.v,
					.iid = mr->iid,
					.project = mr->project,
					.author = mr->author.id };
}

static struct note note_of_row(const struct q_note_list_row *row)
{
	return (struct note){ .id = { row->id },
			      .author = BRIEF_OF_ROW(row, author),
			      .body = row->body,
			      .is_system = row->is_system,
			      .created_at = row->created_at,
			      .updated_at = row->updated_at,
			      .is_edited = row->is_edited };
}

/* Both are in the order of the discussions' ids. */
static int add_notes(struct db *db, struct discussions *list, struct arena *a, struct err *e)
{
	struct q_note_list_in in = { { ARENA_ARRAY(a, int64_t, list->count), list->count } };
	struct q_note_list_row *rows;
	struct note *notes;
	size_t count;
	size_t at = 0;

	for (size_t i = 0; i < list->count; i++)
		in.discussion_ids.items[i] = list->items[i].id.v;
	if (q_note_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	notes = ARENA_ARRAY(a, struct note, count);
	for (size_t i = 0; i < list->count; i++) {
		struct discussion *d = &list->items[i];

		d->notes = &notes[at];
		for (; at < count && rows[at].discussion_id == d->id.v; at++) {
			notes[at] = note_of_row(&rows[at]);
			d->notes_count++;
		}
	}
	return 0;
}

struct which {
	struct str key;
	struct note_id note;
};

static int list_discussions(struct db *db, const struct review_subject *subject,
			    const struct which *which, struct listing slice, struct arena *a,
			    struct discussions *list, struct err *e)
{
	const struct q_discussion_list_in in = {
		.has_task_id = subject->kind == REVIEW_TASK,
		.task_id = subject->id,
		.has_merge_request_id = subject->kind == REVIEW_MERGE_REQUEST,
		.merge_request_id = subject->id,
		.key = which->key,
		.has_note_id = which->note.v != 0,
		.note_id = which->note.v,
		.skip = slice.offset,
		.take = slice.limit,
	};
	struct q_discussion_list_row *rows;
	size_t count;

	if (q_discussion_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct discussions){ ARENA_ARRAY(a, struct discussion, count), count,
				      count > 0 ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++) {
		list->items[i] = DISCUSSION_OF_ROW(&rows[i]);
		list->items[i].is_resolvable =
			rows[i].is_thread && subject->kind == REVIEW_MERGE_REQUEST;
	}
	return count > 0 ? add_notes(db, list, a, e) : 0;
}

int review_list(struct db *db, const struct review_subject *subject, struct listing slice,
		struct arena *a, struct discussions *list, struct err *e)
{
	return list_discussions(db, subject, &(struct which){ 0 }, slice, a, list, e);
}

int review_list_notes(struct db *db, const struct review_subject *subject, bool is_ascending,
		      struct listing slice, struct arena *a, struct noteds *list, struct err *e)
{
	const struct q_note_list_of_subject_in in = {
		.has_task_id = subject->kind == REVIEW_TASK,
		.task_id = subject->id,
		.has_merge_request_id = subject->kind == REVIEW_MERGE_REQUEST,
		.merge_request_id = subject->id,
		.is_ascending = is_ascending,
		.skip = slice.offset,
		.take = slice.limit,
	};
	struct q_note_list_of_subject_row *rows;
	size_t count;

	if (q_note_list_of_subject(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct noteds){ ARENA_ARRAY(a, struct noted, count), count,
				 count > 0 ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++) {
		list->items[i].note = (struct note){ .id = { rows[i].note_id },
						     .author = BRIEF_OF_ROW(&rows[i], author),
						     .body = rows[i].body,
						     .is_system = rows[i].is_system,
						     .created_at = rows[i].note_created_at,
						     .updated_at = rows[i].updated_at,
						     .is_edited = rows[i].is_edited };
		list->items[i].discussion = DISCUSSION_OF_ROW(&rows[i]);
		list->items[i].discussion.is_resolvable =
			rows[i].is_thread && subject->kind == REVIEW_MERGE_REQUEST;
	}
	return 0;
}

int review_get(struct db *db, const struct review_subject *subject, struct str key, struct arena *a,
	       struct discussion *discussion, struct err *e)
{
	const struct which which = { .key = key.p ? key : STR("") };
	struct discussions list;

	if (list_discussions(db, subject, &which, LISTING_FIRST, a, &list, e) < 0)
		return -(int)e->code;
	if (list.count == 0 || list.items[0].notes_count == 0)
		return err_set(e, ERR_NOT_FOUND,
			       "There is no such discussion here: somebody may have removed it.");
	*discussion = list.items[0];
	return 0;
}

int review_get_by_note(struct db *db, const struct review_subject *subject, struct note_id id,
		       struct arena *a, struct discussion *discussion, struct note *note,
		       struct err *e)
{
	const struct which which = { .note = { id.v != 0 ? id.v : -1 } };
	struct discussions list;

	if (list_discussions(db, subject, &which, LISTING_FIRST, a, &list, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; list.count > 0 && i < list.items[0].notes_count; i++) {
		if (list.items[0].notes[i].id.v != id.v)
			continue;
		*discussion = list.items[0];
		*note = list.items[0].notes[i];
		return 0;
	}
	return err_set(e, ERR_NOT_FOUND,
		       "There is no such comment here: somebody may have removed it.");
}

int review_rank(struct db *db, const struct review_subject *subject, struct note_id id,
		struct arena *a, int64_t *rank, struct err *e)
{
	const struct q_discussion_rank_in in = {
		.has_task_id = subject->kind == REVIEW_TASK,
		.task_id = subject->id,
		.has_merge_request_id = subject->kind == REVIEW_MERGE_REQUEST,
		.merge_request_id = subject->id,
		.note_id = id.v,
	};
	struct q_discussion_rank_row row;

	if (q_discussion_rank(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	*rank = row.rank;
	return 0;
}

static enum action write_action(enum review_kind kind)
{
	return kind == REVIEW_TASK ? ACTION_NOTE_CREATE : ACTION_REVIEW_WRITE;
}

bool review_may_write(const struct actor *actor, const struct access_target *project,
		      enum review_kind kind)
{
	return access_allows(actor, write_action(kind), project);
}

bool review_may_change(const struct actor *actor, const struct access_target *project,
		       const struct note *note)
{
	if (note->is_system)
		return false;
	if (access_allows(actor, ACTION_NOTE_MODERATE, project))
		return true;
	return actor->user.v != 0 && actor->user.v == note->author.id.v &&
	       access_allows(actor, ACTION_NOTE_CREATE, project);
}

bool review_may_resolve(const struct actor *actor, const struct access_target *project,
			const struct review_subject *subject, const struct discussion *discussion)
{
	const bool is_own =
		actor->user.v != 0 && (actor->user.v == subject->author.v ||
				       actor->user.v == discussion->notes[0].author.id.v);

	if (!discussion->is_resolvable)
		return false;
	return access_allows(actor, ACTION_THREAD_RESOLVE, project) ||
	       (is_own && access_allows(actor, ACTION_REVIEW_WRITE, project));
}
