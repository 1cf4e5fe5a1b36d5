/* A merge request: what it is, what stands in its way, what was said. */
#include "pages/merge_request.h"
#include "pages/rendered.h"
#include "tmpl/merge_request_show.h"

#include <inttypes.h>

struct versions {
	struct merge_request_version *items; /* newest first */
	size_t count;
};

/* Where a thread at a line is seen: the changes of the version it was made on. */
static void place_threads(struct request *rq, const struct merge_request *mr,
			  const struct versions *versions, struct view_talk *talk)
{
	const struct str changes =
		page_url(rq, merge_address(rq, mr->iid, ROUTE_merge_request_changes));

	for (size_t i = 0; i < talk->discussions_count; i++) {
		struct view_discussion *d = &talk->discussions[i];

		if (!d->has_position)
			continue;
		d->is_outdated = !str_eq(d->head_sha, mr->head_sha);
		for (size_t n = 0; n < versions->count; n++) {
			const struct merge_request_version *version = &versions->items[n];

			if (!str_eq(version->head_sha, d->head_sha))
				continue;
			d->link = arena_fmt(rq->arena, "%.*s?version=%" PRId64 "#%.*s",
					    STR_FMT(changes), version->number, STR_FMT(d->anchor));
			break;
		}
	}
}

static int fill(struct request *rq, const struct merge_request *mr, const struct refused *refused,
		struct view_merge_show *v, struct err *e)
{
	const struct review_subject subject = review_of_merge_request(mr);
	struct versions versions;
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
	place_threads(rq, mr, &versions, &v->talk);
	return 0;
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
