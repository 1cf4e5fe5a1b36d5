/* Discussions as views. The forms that write them are review_write.c. */
#include "pages/review.h"

#include "pages/rendered.h"

#include <inttypes.h>

struct view_person person_view(struct request *rq, const struct user_brief *user)
{
	const struct str name = str_is_empty(user->name) ? user->username : user->name;

	return (struct view_person){ .username = user->username,
				     .name = name,
				     .tile = page_tile(user->username),
				     .initials = page_initials(rq, name) };
}

static struct str number(struct request *rq, int64_t n)
{
	return arena_fmt(rq->arena, "%" PRId64, n);
}

/* The same act has a route of tasks and one of merge requests. */
struct act_routes {
	enum route_id task;
	enum route_id merge_request;
};

static const struct act_routes create_routes = { ROUTE_task_note_create, ROUTE_merge_note_create };
static const struct act_routes update_routes = { ROUTE_task_note_update, ROUTE_merge_note_update };
static const struct act_routes remove_routes = { ROUTE_task_note_remove, ROUTE_merge_note_remove };
static const struct act_routes reply_routes = { ROUTE_task_note_reply, ROUTE_merge_note_reply };

static struct str subject_url(struct request *rq, const struct review_subject *subject,
			      const struct act_routes *act, struct str more)
{
	const enum route_id route = subject->kind == REVIEW_TASK ? act->task : act->merge_request;
	const struct str iid = number(rq, subject->iid);
	const struct str path = rq->project->path;

	return page_url(rq, str_is_none(more) ? url_for(rq->arena, route, path, iid)
					      : url_for(rq->arena, route, path, iid, more));
}

static int note_view(struct request *rq, const struct review_subject *subject,
		     const struct refused *refused, const struct note *note, struct view_note *view,
		     struct err *e)
{
	const struct str id = number(rq, note->id.v);

	*view = (struct view_note){
		.id = note->id.v,
		.author = person_view(rq, &note->author),
		.text = note->body,
		.at = note->created_at,
		.is_edited = note->is_edited,
		.is_system = note->is_system,
		.may_change = review_may_change(&rq->actor, &rq->target, note),
		.action_edit = subject_url(rq, subject, &update_routes, id),
		.action_remove = subject_url(rq, subject, &remove_routes, id),
	};
	if (!note->is_system && note->author.id.v == 0)
		view->author.name = page_text(rq, I18N("somebody who is gone"));
	if (refused && refused->note == note->id.v) {
		view->is_refused = true;
		view->text = refused->text;
	}
	/* Hearth's own fixed words are in the reader's language. */
	return rendered_comment(rq, note->is_system ? page_sentence(rq, note->body) : note->body,
				&view->body, e);
}

static void place_view(const struct discussion *d, struct view_discussion *view)
{
	view->has_position = d->has_position;
	if (!d->has_position)
		return;
	view->head_sha = d->position.head_sha;
	view->is_old_line = d->position.new_line == 0;
	view->path = view->is_old_line ? d->position.old_path : d->position.new_path;
	view->line = view->is_old_line ? d->position.old_line : d->position.new_line;
}

int discussion_view(struct request *rq, const struct review_subject *subject,
		    const struct refused *refused, const struct discussion *d,
		    struct view_discussion *view, struct err *e)
{
	*view = (struct view_discussion){
		.key = d->key,
		.anchor = arena_fmt(rq->arena, "discussion-%.*s", STR_FMT(d->key)),
		.is_system = d->notes_count > 0 && d->notes[0].is_system,
		.is_thread = d->is_thread,
		.is_resolvable = d->is_resolvable,
		.is_resolved = d->is_resolved,
		.resolved_by = person_view(rq, &d->resolved_by),
		.notes = ARENA_ARRAY(rq->arena, struct view_note, d->notes_count + 1),
		.action_reply = subject_url(rq, subject, &reply_routes, d->key),
	};
	if (d->is_resolvable)
		view->action_resolve =
			page_url(rq, url_for(rq->arena, ROUTE_merge_discussion_resolve,
					     rq->project->path, number(rq, subject->iid), d->key));
	place_view(d, view);
	view->may_reply =
		!view->is_system && review_may_write(&rq->actor, &rq->target, subject->kind);
	view->may_resolve =
		d->notes_count > 0 && review_may_resolve(&rq->actor, &rq->target, subject, d);
	if (refused && !str_is_empty(refused->key) && str_eq(refused->key, d->key)) {
		view->is_refused = true;
		view->reply = refused->text;
	}
	for (size_t i = 0; i < d->notes_count; i++)
		if (note_view(rq, subject, refused, &d->notes[i], &view->notes[view->notes_count++],
			      e) < 0)
			return -(int)e->code;
	return 0;
}

int talk_fill(struct request *rq, const struct review_subject *subject,
	      const struct refused *refused, struct view_talk *talk, struct err *e)
{
	const struct listing slice = page_listing(rq, TALK_ROWS);
	struct str here = rq->http->head.path;
	struct discussions list;
	struct db *db;

	if (request_db(rq, &db, e) < 0 || review_list(db, subject, slice, rq->arena, &list, e) < 0)
		return -(int)e->code;
	talk->discussions = ARENA_ARRAY(rq->arena, struct view_discussion, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].notes_count > 0 &&
		    discussion_view(rq, subject, refused, &list.items[i],
				    &talk->discussions[talk->discussions_count++], e) < 0)
			return -(int)e->code;
	talk->pager = page_pager(rq, slice, list.total, false);
	talk->is_merge_request = subject->kind == REVIEW_MERGE_REQUEST;
	talk->may_write = review_may_write(&rq->actor, &rq->target, subject->kind);
	talk->action = subject_url(rq, subject, &create_routes, STR_NONE);
	talk->signed_in = actor_is_signed_in(&rq->actor);
	talk->here = site_cut_base(rq->site, &here) ? here : STR("/");
	if (refused) {
		talk->problem = refused->problem;
		if (refused->note == 0 && str_is_empty(refused->key))
			talk->text = refused->text;
	}
	return 0;
}
