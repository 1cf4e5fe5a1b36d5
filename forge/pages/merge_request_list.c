/* Merge requests of a project, by state, branch, person, label and words. */
#include "domain/user.h"
#include "pages/merge_request.h"
#include "tmpl/merge_request_list.h"

#define MERGE_ROWS 30

static struct str none_if_empty(struct str text)
{
	return str_is_empty(text) ? STR_NONE : text;
}

/* A name nobody has finds nothing. */
static int person_of(struct request *rq, struct str name, struct user_id *id, struct err *e)
{
	struct user user;
	struct db *db;
	bool found;

	if (str_is_empty(name))
		return 0;
	if (request_db(rq, &db, e) < 0 ||
	    user_find_by_name(db, name, rq->arena, &user, &found, e) < 0)
		return -(int)e->code;
	id->v = found ? user.id.v : -1;
	return 0;
}

static int read_filter(struct request *rq, struct view_merge_list *v,
		       struct merge_request_filter *filter, struct err *e)
{
	v->state = request_query(rq, "state");
	filter->has_state = true;
	if (str_eq_c(v->state, "all"))
		filter->has_state = false;
	else if (!merge_request_state_from_word(v->state, &filter->state))
		v->state = STR("opened");
	v->search = str_trim(request_query(rq, "search"));
	v->label = request_query(rq, "label_name");
	v->target = str_trim(request_query(rq, "target_branch"));
	v->author = str_trim(request_query(rq, "author_username"));
	v->reviewer = str_trim(request_query(rq, "reviewer_username"));
	v->is_filtered = !str_is_empty(v->search) || !str_is_empty(v->label) ||
			 !str_is_empty(v->target) || !str_is_empty(v->author) ||
			 !str_is_empty(v->reviewer);
	filter->search = none_if_empty(v->search);
	if (!str_is_empty(v->label))
		filter->labels = (struct str_list){ &v->label, 1 };
	filter->target_branch = none_if_empty(v->target);
	if (person_of(rq, v->author, &filter->author, e) < 0)
		return -(int)e->code;
	return person_of(rq, v->reviewer, &filter->reviewer, e);
}

int page_merge_requests(struct request *rq, struct err *e)
{
	struct view_merge_list v = { .may_create = request_may(rq, ACTION_MERGE_REQUEST_WRITE),
				     .may_fork = request_may(rq, ACTION_PROJECT_FORK) };
	struct merge_request_filter filter = { .project = rq->project->id };
	const struct listing slice = page_listing(rq, MERGE_ROWS);
	struct merge_request_counts counts;
	struct merge_requests list;
	struct db *db;

	if (read_filter(rq, &v, &filter, e) < 0 || request_db(rq, &db, e) < 0 ||
	    merge_request_list(db, &rq->actor, &filter, slice, rq->arena, &list, e) < 0 ||
	    merge_request_count(db, rq->project->id, rq->arena, &counts, e) < 0)
		return -(int)e->code;
	v.opened = counts.opened;
	v.merged = counts.merged;
	v.closed = counts.closed;
	v.rows = ARENA_ARRAY(rq->arena, struct view_merge_row, list.count + 1);
	for (size_t i = 0; i < list.count; i++) {
		v.rows[i] = merge_row_view(rq, &list.items[i]);
		v.rows[i].labels = labels_view(rq, &list.items[i].labels, ROUTE_merge_requests);
	}
	v.rows_count = list.count;
	if (merge_rows_marks(rq, &list, v.rows, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "merge_requests");
	v.pager = page_pager(rq, slice, list.total, false);
	tmpl_merge_request_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
