/* A merge request: what it is, what stands in its way, what was said. */
#include "pages/merge_request.h"
#include "pages/merge_request_thread.h"
#include "pages/rendered.h"
#include "tmpl/merge_request_show.h"

#include <inttypes.h>

static struct str link_to(struct request *rq, const struct merge_request *mr,
			  const struct merge_request_version *version,
			  const struct view_discussion *d)
{
	return arena_fmt(
		rq->arena, "%.*s?version=%" PRId64 "#%.*s",
		STR_FMT(page_url(rq, merge_address(rq, mr->iid, ROUTE_merge_request_changes))),
		version->number, STR_FMT(d->anchor));
}

/* To the newest version if its line is there still, else to the one it was made on. */
static int place_thread(struct request *rq, const struct merge_request *mr,
			const struct thread_versions *versions, struct thread_carrier *carrier,
			struct view_discussion *d, struct err *e)
{
	const struct merge_request_version *made = thread_version(versions, d->head_sha);
	struct thread_place place = {
		.head_sha = d->head_sha, .path = d->path, .is_old = d->is_old_line, .line = d->line
	};

	if (!made)
		return 0;
	if (made != &versions->items[0] && thread_carry(carrier, &place, e) < 0)
		return -(int)e->code;
	d->is_outdated = place.line == 0;
	d->link = link_to(rq, mr, d->is_outdated ? made : &versions->items[0], d);
	if (d->is_outdated)
		return 0;
	d->line = place.line;
	d->from_version = made == &versions->items[0] ? 0 : made->number;
	return 0;
}

static int place_threads(struct request *rq, const struct merge_request *mr,
			 const struct thread_versions *versions, struct view_talk *talk,
			 struct err *e)
{
	struct thread_carrier *carrier = NULL;

	for (size_t i = 0; i < talk->discussions_count; i++) {
		struct view_discussion *d = &talk->discussions[i];

		if (!d->has_position)
			continue;
		if (!carrier && !str_eq(d->head_sha, versions->items[0].head_sha) &&
		    thread_carrier_open(rq, versions, &versions->items[0], &carrier, e) < 0)
			return -(int)e->code;
		if (place_thread(rq, mr, versions, carrier, d, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static int fill(struct request *rq, const struct merge_request *mr, const struct refused *refused,
		struct view_merge_show *v, struct err *e)
{
	const struct review_subject subject = review_of_merge_request(mr);
	struct thread_versions versions;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    merge_request_versions(db, mr->id, rq->arena, &versions.items, &versions.count, e) < 0)
		return -(int)e->code;
	if (merge_widget_fill(rq, mr, versions.count > 0 ? &versions.items[0] : NULL, &v->widget,
			      e) < 0)
		return -(int)e->code;
	v->assignees = people_view(rq, &mr->assignees);
	v->assignees_count = mr->assignees.count;
	v->has_description = !str_is_empty(str_trim(mr->description));
	if (v->has_description && rendered_comment(rq, mr->description, &v->description, e) < 0)
		return -(int)e->code;
	if (talk_fill(rq, &subject, refused, &v->talk, e) < 0)
		return -(int)e->code;
	return place_threads(rq, mr, &versions, &v->talk, e);
}

int merge_request_page(struct request *rq, const struct view_problem *problem,
		       const struct refused *refused, struct err *e)
{
	struct view_merge_show v = { 0 };
	struct merge_request mr;
	int status;

	if (problem)
		v.problem = *problem;
	if (merge_request_of_route(rq, true, &mr, e) < 0)
		return -(int)e->code;
	v.head = merge_head_view(rq, &mr, "overview");
	if (fill(rq, &mr, refused, &v, e) < 0)
		return -(int)e->code;
	if (v.head.may_change && mr.state == MERGE_REQUEST_OPENED)
		v.talk.state_act = STR("close");
	else if (v.head.may_change && mr.state == MERGE_REQUEST_CLOSED)
		v.talk.state_act = STR("reopen");
	if (mr.state == MERGE_REQUEST_OPENED)
		v.stream = page_url(rq, merge_address(rq, mr.iid, ROUTE_merge_request_stream));
	page_frame(rq, &v.page, "merge_requests");
	status = page_problem_status(refused ? &refused->problem : &v.problem);
	tmpl_merge_request_show(request_emit(rq), &v);
	return request_send_page(rq, status, e);
}

int page_merge_request(struct request *rq, struct err *e)
{
	return merge_request_page(rq, NULL, NULL, e);
}
