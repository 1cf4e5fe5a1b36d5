#include "domain/merge_request_list.h"

#include "domain/merge_request_private.h"
#include "domain/row.h"
#include "store/db.h"

#include "q/merge_request.h"

static struct q_merge_request_list_in
list_input(const struct actor *actor, const struct merge_request_filter *f, struct listing slice)
{
	const struct viewer viewer = viewer_of(actor);

	return (struct q_merge_request_list_in){
		.viewer = viewer.user_id,
		.sees_internal = viewer.sees_internal,
		.sees_all = viewer.sees_all,
		.only_project_id = actor->only_project.v,
		.only_namespace_id = actor->only_namespace.v,
		.project_id = f->project.v,
		.namespace_id = f->namespace.v,
		.state = f->has_state ? str_c(merge_request_state_word(f->state)) : STR_NONE,
		.author_id = f->author.v,
		.assignee_id = f->assignee.v,
		.reviewer_id = f->reviewer.v,
		.source_branch = f->source_branch,
		.target_branch = f->target_branch,
		.labels = f->labels,
		.search = f->search,
		.head_sha = f->head_sha,
		.has_is_draft = f->has_draft,
		.is_draft = f->is_draft,
		.iids = f->iids,
		/* -1: nobody's, so that who is not signed in is waited for by nothing. */
		.waits_for = !f->waits_for_me    ? 0
			     : actor->user.v > 0 ? actor->user.v
						 : -1,
		.by_updated = f->order == MERGE_REQUEST_BY_UPDATED,
		.is_ascending = f->is_ascending,
		.skip = slice.offset,
		.take = slice.limit,
	};
}

int merge_request_list(struct db *db, const struct actor *actor,
		       const struct merge_request_filter *filter, struct listing slice,
		       struct arena *a, struct merge_requests *list, struct err *e)
{
	const struct q_merge_request_list_in in = list_input(actor, filter, slice);
	struct q_merge_request_list_row *rows;
	size_t count;

	if (q_merge_request_list(db, &in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	*list = (struct merge_requests){ ARENA_ARRAY(a, struct merge_request, count + 1), count,
					 count ? rows[0].total : 0 };
	for (size_t i = 0; i < count; i++)
		list->items[i] = MERGE_REQUEST_OF_ROW(a, &rows[i]);
	return 0;
}

int merge_request_count(struct db *db, struct project_id project, struct arena *a,
			struct merge_request_counts *counts, struct err *e)
{
	const struct q_merge_request_count_in in = { .project_id = project.v };
	struct q_merge_request_count_row row;

	if (q_merge_request_count(db, &in, a, &row, e) < 0)
		return -(int)e->code;
	*counts = (struct merge_request_counts){ row.opened, row.closed, row.merged };
	return 0;
}
