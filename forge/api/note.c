/*
 * Notes and discussions of tasks and merge requests. One handler serves both: a
 * route of merge requests has the parameter {merge}, one of tasks {iid}.
 */
#include "api/api.h"
#include "api/entity_review.h"
#include "domain/merge_request.h"

static int task_subject(struct request *rq, struct db *db, struct review_subject *subject,
			struct err *e)
{
	struct task task;
	int64_t iid;

	if (api_path_id(rq, "iid", "404 Issue Not Found", &iid, e) < 0)
		return -(int)e->code;
	if (task_get(db, rq->project->id, iid, rq->arena, &task, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Issue Not Found")
						: -(int)e->code;
	*subject = review_of_task(&task);
	return 0;
}

static int merge_subject(struct request *rq, struct db *db, struct review_subject *subject,
			 struct err *e)
{
	struct merge_request mr;
	int64_t iid;

	if (api_path_id(rq, "merge", "404 Merge Request Not Found", &iid, e) < 0)
		return -(int)e->code;
	if (merge_request_get(db, rq->project->id, iid, rq->arena, &mr, e) < 0)
		return e->code == ERR_NOT_FOUND
			       ? err_set(e, ERR_NOT_FOUND, "404 Merge Request Not Found")
			       : -(int)e->code;
	*subject = review_of_merge_request(&mr);
	return 0;
}

static int find_subject(struct request *rq, struct db **db, struct review_subject *subject,
			struct err *e)
{
	if (request_db(rq, db, e) < 0)
		return -(int)e->code;
	return str_is_none(request_param(rq, "merge")) ? task_subject(rq, *db, subject, e)
						       : merge_subject(rq, *db, subject, e);
}

static int path_note(const struct request *rq, struct note_id *id, struct err *e)
{
	return api_path_id(rq, "note", "404 Note Not Found", &id->v, e);
}

/* The same words for what is missing as GitLab has. */
static int missing(const char *what, struct err *e)
{
	return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 %s Not Found", what)
					: -(int)e->code;
}

static int send_note(struct request *rq, int status, const struct review_subject *subject,
		     struct note_id id, struct err *e)
{
	struct discussion discussion;
	struct note note;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (review_get_by_note(db, subject, id, rq->arena, &discussion, &note, e) < 0)
		return missing("Note", e);
	entity_note(request_jsonw(rq), rq, subject, &discussion, &note);
	return request_send_json(rq, status, e);
}

int api_note_list(struct request *rq, struct err *e)
{
	const bool is_ascending = str_eq_c(request_query(rq, "sort"), "asc");
	struct jsonw *w = request_jsonw(rq);
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct review_subject subject;
	struct noteds notes;
	struct db *db;

	if (find_subject(rq, &db, &subject, e) < 0 ||
	    review_list_notes(db, &subject, is_ascending, slice, rq->arena, &notes, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < notes.count; i++)
		entity_note(w, rq, &subject, &notes.items[i].discussion, &notes.items[i].note);
	jsonw_end(w);
	api_page_headers(rq, &page, notes.total);
	return request_send_json(rq, 200, e);
}

int api_note_get(struct request *rq, struct err *e)
{
	struct review_subject subject;
	struct note_id id;
	struct db *db;

	if (path_note(rq, &id, e) < 0 || find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	return send_note(rq, 200, &subject, id, e);
}

int api_note_create(struct request *rq, struct err *e)
{
	struct note_new in = { 0 };
	struct review_subject subject;
	struct discussion made;
	struct db *db;

	if (api_need(rq, "body", &in.body, e) < 0 || find_subject(rq, &db, &subject, e) < 0 ||
	    review_start(db, &rq->actor, &subject, &in, rq->arena, &made, e) < 0)
		return -(int)e->code;
	return send_note(rq, 201, &subject, made.notes[0].id, e);
}

/* A body is changed; a thread is resolved through any of its notes. */
int api_note_update(struct request *rq, struct err *e)
{
	const bool resolves = !str_is_none(request_form(rq, "resolved"));
	const struct str body = request_form(rq, "body");
	struct review_subject subject;
	struct discussion discussion;
	struct note note;
	struct note_id id;
	struct db *db;

	if (path_note(rq, &id, e) < 0 || find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	if (str_is_none(body) && !resolves)
		return err_set(e, ERR_INVALID, "body is missing");
	if (review_get_by_note(db, &subject, id, rq->arena, &discussion, &note, e) < 0)
		return missing("Note", e);
	if (!str_is_none(body) && review_update(db, &rq->actor, &subject, id, body, e) < 0)
		return -(int)e->code;
	if (resolves && review_resolve(db, &rq->actor, &subject, discussion.key,
				       request_form_bool(rq, "resolved", false), e) < 0)
		return -(int)e->code;
	return send_note(rq, 200, &subject, id, e);
}

int api_note_remove(struct request *rq, struct err *e)
{
	struct review_subject subject;
	struct note_id id;
	struct db *db;

	if (path_note(rq, &id, e) < 0 || find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	if (review_remove(db, &rq->actor, &subject, id, e) < 0)
		return missing("Note", e);
	return request_send_nothing(rq, e);
}

static int send_discussion(struct request *rq, int status, const struct review_subject *subject,
			   struct str key, struct err *e)
{
	struct discussion discussion;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (review_get(db, subject, key, rq->arena, &discussion, e) < 0)
		return missing("Discussion", e);
	entity_discussion(request_jsonw(rq), rq, subject, &discussion);
	return request_send_json(rq, status, e);
}

int api_discussion_list(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct review_subject subject;
	struct discussions list;
	struct db *db;

	if (find_subject(rq, &db, &subject, e) < 0 ||
	    review_list(db, &subject, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < list.count; i++)
		entity_discussion(w, rq, &subject, &list.items[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, list.total);
	return request_send_json(rq, 200, e);
}

int api_discussion_get(struct request *rq, struct err *e)
{
	struct review_subject subject;
	struct db *db;

	if (find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	return send_discussion(rq, 200, &subject, request_param(rq, "key"), e);
}

/* position[new_line]=7 of a form, or the same in an object of JSON. */
static struct str position_text(const struct request *rq, const char *name)
{
	const struct jsonr *object = jsonr_get(rq->json, "position");

	if (rq->json)
		return jsonr_text(jsonr_get(object, name));
	return request_form(rq, arena_strf(rq->arena, "position[%s]", name));
}

static int position_line(const struct request *rq, const char *name, int32_t *line, struct err *e)
{
	int64_t n = 0;

	if (rq->json) {
		if (!jsonr_integer(jsonr_get(jsonr_get(rq->json, "position"), name), &n))
			n = 0;
	} else if (!str_is_empty(position_text(rq, name)) &&
		   !str_to_i64(position_text(rq, name), &n)) {
		return err_set(e, ERR_INVALID, "position[%s] is invalid", name);
	}
	if (n < 0 || n > INT32_MAX)
		return err_set(e, ERR_INVALID, "position[%s] is invalid", name);
	*line = (int32_t)n;
	return 0;
}

static int read_position(const struct request *rq, struct review_position *p, bool *has,
			 struct err *e)
{
	const struct str type = position_text(rq, "position_type");
	const bool has_object = jsonr_is_object(jsonr_get(rq->json, "position"));

	*has = has_object || !str_is_none(position_text(rq, "head_sha"));
	if (!*has)
		return 0;
	if (!str_is_none(type) && !str_eq_c(type, "text"))
		return err_set(e, ERR_INVALID,
			       "position[position_type] does not have a valid value");
	p->base_sha = position_text(rq, "base_sha");
	p->start_sha = position_text(rq, "start_sha");
	p->head_sha = position_text(rq, "head_sha");
	p->new_path = position_text(rq, "new_path");
	p->old_path = position_text(rq, "old_path");
	if (str_is_none(p->old_path))
		p->old_path = p->new_path;
	if (str_is_none(p->new_path))
		p->new_path = p->old_path;
	if (position_line(rq, "old_line", &p->old_line, e) < 0)
		return -(int)e->code;
	return position_line(rq, "new_line", &p->new_line, e);
}

int api_discussion_create(struct request *rq, struct err *e)
{
	struct review_position position = { 0 };
	struct note_new in = { .is_thread = true };
	struct review_subject subject;
	struct discussion made;
	struct db *db;
	bool has;

	if (api_need(rq, "body", &in.body, e) < 0 || read_position(rq, &position, &has, e) < 0)
		return -(int)e->code;
	if (has)
		in.position = &position;
	if (find_subject(rq, &db, &subject, e) < 0 ||
	    review_start(db, &rq->actor, &subject, &in, rq->arena, &made, e) < 0)
		return -(int)e->code;
	return send_discussion(rq, 201, &subject, made.key, e);
}

int api_discussion_reply(struct request *rq, struct err *e)
{
	struct review_subject subject;
	struct note note;
	struct str body;
	struct db *db;

	if (api_need(rq, "body", &body, e) < 0 || find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	if (review_reply(db, &rq->actor, &subject, request_param(rq, "key"), body, rq->arena, &note,
			 e) < 0)
		return missing("Discussion", e);
	return send_note(rq, 201, &subject, note.id, e);
}

int api_discussion_resolve(struct request *rq, struct err *e)
{
	struct review_subject subject;
	struct str resolved;
	struct db *db;

	if (api_need(rq, "resolved", &resolved, e) < 0 || find_subject(rq, &db, &subject, e) < 0)
		return -(int)e->code;
	if (review_resolve(db, &rq->actor, &subject, request_param(rq, "key"),
			   request_form_bool(rq, "resolved", false), e) < 0)
		return missing("Discussion", e);
	return send_discussion(rq, 200, &subject, request_param(rq, "key"), e);
}
