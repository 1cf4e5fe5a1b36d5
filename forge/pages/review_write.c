/* The forms of discussions: comment, answer, change, remove. */
#include "pages/review.h"
#include "pages/task.h"

#include <inttypes.h>

/* What a form is about. */
struct about {
	struct db *db;
	struct task task;
	struct review_subject subject;
};

static int about_task(struct request *rq, struct about *about, struct err *e)
{
	if (request_db(rq, &about->db, e) < 0 ||
	    task_get(about->db, rq->project->id, page_id(rq, "iid"), rq->arena, &about->task, e) <
		    0)
		return -(int)e->code;
	about->subject = review_of_task(&about->task);
	return 0;
}

static struct str address(struct request *rq, const struct about *about)
{
	return url_for(rq->arena, ROUTE_task, rq->project->path,
		       arena_fmt(rq->arena, "%" PRId64, about->subject.iid));
}

/* Back to where it was written: the page asked with, at the note. */
static int done(struct request *rq, const struct about *about, int64_t note, struct err *e)
{
	struct str to = address(rq, about);
	struct str page = request_form(rq, "page");
	int64_t n;

	if (str_to_i64(page, &n) && n > 1)
		to = arena_fmt(rq->arena, "%.*s?page=%" PRId64, STR_FMT(to), n);
	if (note != 0)
		to = arena_fmt(rq->arena, "%.*s#note_%" PRId64, STR_FMT(to), note);
	return request_redirect(rq, to, e);
}

static int refuse(struct request *rq, const struct about *about, const struct err *error,
		  struct refused *refused, struct err *e)
{
	if (!page_is_problem(rq, error, &refused->problem, e))
		return -(int)e->code;
	refused->text = request_form(rq, "body");
	return task_page(rq, &about->task, refused, e);
}

/* The buttons beside the comment: "close" and "reopen" work without a text too. */
static int set_state(struct request *rq, const struct about *about, struct err *error)
{
	const struct str act = request_form(rq, "act");
	const struct task_change change = { .has_closed = true,
					    .is_closed = str_eq_c(act, "close") };
	struct task task;

	if (!str_eq_c(act, "close") && !str_eq_c(act, "reopen"))
		return 0;
	return task_update(about->db, &rq->actor, rq->project->id, about->subject.iid, &change,
			   rq->arena, &task, error);
}

static bool is_only_act(const struct request *rq)
{
	return !str_is_empty(request_form(rq, "act")) &&
	       str_is_empty(str_trim(request_form(rq, "body")));
}

int page_note_create(struct request *rq, struct err *e)
{
	const struct note_new in = { .body = request_form(rq, "body") };
	struct discussion made = { 0 };
	struct refused refused = { 0 };
	struct err error = { 0 };
	struct about about;

	if (about_task(rq, &about, e) < 0)
		return -(int)e->code;
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

	if (about_task(rq, &about, e) < 0)
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

	if (about_task(rq, &about, e) < 0)
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

	if (about_task(rq, &about, e) < 0)
		return -(int)e->code;
	if (review_remove(about.db, &rq->actor, &about.subject, (struct note_id){ refused.note },
			  &error) < 0)
		return refuse(rq, &about, &error, &refused, e);
	page_notice(rq, I18N("The comment is removed."));
	return done(rq, &about, 0, e);
}
