/*
 * The forms of discussions: comment, answer, change, remove, resolve. One handler
 * serves both: a route of merge requests has the parameter {merge}, one of tasks {iid}.
 */
#include "pages/merge_request.h"
#include "pages/review.h"
#include "pages/task.h"

#include <inttypes.h>

/* What a form is about. */
struct about {
	struct db *db;
	struct task task;
	struct review_subject subject;
};

static int find_about(struct request *rq, struct about *about, struct err *e)
{
	struct merge_request mr;

	if (request_db(rq, &about->db, e) < 0)
		return -(int)e->code;
	if (!str_is_none(request_param(rq, "merge"))) {
		if (merge_request_get(about->db, rq->project->id, page_id(rq, "merge"), rq->arena,
				      &mr, e) < 0)
			return -(int)e->code;
		about->subject = review_of_merge_request(&mr);
		return 0;
	}
	if (task_get(about->db, rq->project->id, page_id(rq, "iid"), rq->arena, &about->task, e) <
	    0)
		return -(int)e->code;
	about->subject = review_of_task(&about->task);
	return 0;
}

/* A version of the changes, or the page of the subject. */
static struct str address(struct request *rq, const struct about *about)
{
	const struct str iid = arena_fmt(rq->arena, "%" PRId64, about->subject.iid);
	const struct str path = rq->project->path;
	int64_t version;

	if (str_to_i64(request_form(rq, "version"), &version) && version > 0)
		return arena_fmt(
			rq->arena, "%.*s?version=%" PRId64,
			STR_FMT(url_for(rq->arena, ROUTE_merge_request_changes, path, iid)),
			version);
	return url_for(rq->arena,
		       about->subject.kind == REVIEW_TASK ? ROUTE_task : ROUTE_merge_request, path,
		       iid);
}

/* To the note, on whichever page of the discussion it stands. */
static int done(struct request *rq, const struct about *about, int64_t note, struct err *e)
{
	struct str to = address(rq, about);
	int64_t rank;

	if (note == 0)
		return request_redirect(rq, to, e);
	if (review_rank(about->db, &about->subject, (struct note_id){ note }, rq->arena, &rank, e) <
	    0)
		return -(int)e->code;
	if (rank > TALK_ROWS && !str_has(to, '?'))
		to = arena_fmt(rq->arena, "%.*s?page=%" PRId64, STR_FMT(to),
			       (rank - 1) / TALK_ROWS + 1);
	return request_redirect(rq, arena_fmt(rq->arena, "%.*s#note_%" PRId64, STR_FMT(to), note),
				e);
}

static int refuse(struct request *rq, const struct about *about, const struct err *error,
		  struct refused *refused, struct err *e)
{
	if (!page_is_problem(rq, error, &refused->problem, e))
		return -(int)e->code;
	refused->text = request_form(rq, "body");
	return about->subject.kind == REVIEW_TASK ? task_page(rq, &about->task, refused, e)
						  : merge_request_page(rq, NULL, refused, e);
}

/* The buttons beside the comment: "close" and "reopen" work without a text too. */
static int set_state(struct request *rq, const struct about *about, struct err *error)
{
	const struct str act = request_form(rq, "act");
	const bool closes = str_eq_c(act, "close");
	const struct task_change change = { .has_closed = true, .is_closed = closes };
	const struct merge_request_change merge_change = { .act = closes ? MERGE_REQUEST_CLOSE
									 : MERGE_REQUEST_REOPEN };
	struct task task;

	if (!closes && !str_eq_c(act, "reopen"))
		return 0;
	if (about->subject.kind == REVIEW_MERGE_REQUEST)
		return merge_request_update(about->db, &rq->actor, rq->project->id,
					    about->subject.iid, &merge_change, error);
	return task_update(about->db, &rq->actor, rq->project->id, about->subject.iid, &change,
			   rq->arena, &task, error);
}

static bool is_only_act(const struct request *rq)
{
	return !str_is_empty(request_form(rq, "act")) &&
	       str_is_empty(str_trim(request_form(rq, "body")));
}

static int32_t line_of_form(const struct request *rq, const char *name)
{
	int64_t line;

	if (!request_form_i64(rq, name, &line) || line < 0 || line > INT32_MAX)
		return 0;
	return (int32_t)line;
}

/* The hidden fields of a form at a line. */
static bool position_of_form(const struct request *rq, struct review_position *p)
{
	*p = (struct review_position){
		.base_sha = request_form(rq, "base_sha"),
		.start_sha = request_form(rq, "start_sha"),
		.head_sha = request_form(rq, "head_sha"),
		.old_path = request_form(rq, "old_path"),
		.new_path = request_form(rq, "new_path"),
		.old_line = line_of_form(rq, "old_line"),
		.new_line = line_of_form(rq, "new_line"),
	};
	return !str_is_none(p->head_sha);
}

int page_note_create(struct request *rq, struct err *e)
{
	struct review_position position;
	struct note_new in = { .body = request_form(rq, "body"),
			       .is_thread = request_form_bool(rq, "thread", false) };
	struct discussion made = { 0 };
	struct refused refused = { 0 };
	struct err error = { 0 };
	struct about about;

	if (find_about(rq, &about, e) < 0)
		return -(int)e->code;
	if (position_of_form(rq, &position))
		in.position = &position;
	if ((!is_only_act(rq) && review_start(about.db, &rq->actor, &about.subject, &in, rq->arena,
					      &made, &error) < 0) ||
	    set_state(rq, &about, &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	return done(rq, &about, made.notes_count > 0 ? made.notes[0].id.v : 0, e);
}

int page_note_reply(struct request *rq, struct err *e)
{
	struct refused refused = { .key = request_param(rq, "key") };
	struct err error = { 0 };
	struct about about;
	struct note note;

	if (find_about(rq, &about, e) < 0)
		return -(int)e->code;
	if (review_reply(about.db, &rq->actor, &about.subject, refused.key,
			 request_form(rq, "body"), rq->arena, &note, &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	return done(rq, &about, note.id.v, e);
}

int page_note_update(struct request *rq, struct err *e)
{
	struct refused refused = { .note = page_id(rq, "note") };
	struct err error = { 0 };
	struct about about;

	if (find_about(rq, &about, e) < 0)
		return -(int)e->code;
	if (review_update(about.db, &rq->actor, &about.subject, (struct note_id){ refused.note },
			  request_form(rq, "body"), &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	return done(rq, &about, refused.note, e);
}

int page_note_remove(struct request *rq, struct err *e)
{
	struct refused refused = { .note = page_id(rq, "note") };
	struct err error = { 0 };
	struct about about;

	if (find_about(rq, &about, e) < 0)
		return -(int)e->code;
	if (review_remove(about.db, &rq->actor, &about.subject, (struct note_id){ refused.note },
			  &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	page_notice(rq, I18N("The comment is removed."));
	return done(rq, &about, 0, e);
}

int page_note_resolve(struct request *rq, struct err *e)
{
	const struct str key = request_param(rq, "key");
	struct refused refused = { 0 };
	struct err error = { 0 };
	struct about about;

	if (find_about(rq, &about, e) < 0)
		return -(int)e->code;
	if (review_resolve(about.db, &rq->actor, &about.subject, key,
			   request_form_bool(rq, "resolved", true), &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	return request_redirect(rq,
				arena_fmt(rq->arena, "%.*s#discussion-%.*s",
					  STR_FMT(address(rq, &about)), STR_FMT(key)),
				e);
}
