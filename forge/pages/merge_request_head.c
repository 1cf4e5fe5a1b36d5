/* What all pages of merge requests share: loading, rows, the head. */
#include "git/ref_list.h"
#include "pages/merge_request.h"

#include <inttypes.h>

struct landing_request merge_landing(struct request *rq)
{
	request_db_return(rq);
	return (struct landing_request){
		.db = rq->app->db,
		.run = rq->app->run,
		.instance = rq->app->instance,
		.actor = &rq->actor,
		.project = rq->project->id,
		.project_path = rq->project->path,
		.source = PUSH_SOURCE_PAGE,
	};
}

int merge_request_of_route(struct request *rq, bool is_fresh, struct merge_request *mr,
			   struct err *e)
{
	const int64_t iid = page_id(rq, "merge");
	struct err busy = { 0 };
	struct db *db;

	if (is_fresh) {
		const struct landing_request landing = merge_landing(rq);

		if (merge_request_refresh(&landing, iid, rq->arena, mr, &busy) == 0)
			return 0;
	}
	/* While the repository cannot be asked, what is known is shown; "checking" says the rest.
	 */
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return merge_request_get(db, rq->project->id, iid, rq->arena, mr, e);
}

struct str merge_address(struct request *rq, int64_t iid, enum route_id route)
{
	return url_for(rq->arena, route, rq->project->path, arena_fmt(rq->arena, "%" PRId64, iid));
}

struct view_person *people_view(struct request *rq, const struct merge_people *people)
{
	struct view_person *views = ARENA_ARRAY(rq->arena, struct view_person, people->count + 1);

	for (size_t i = 0; i < people->count; i++)
		views[i] = person_view(rq, &people->items[i]);
	return views;
}

struct project *merge_source(struct request *rq, const struct merge_request *mr, enum action action)
{
	struct project_access *access = ARENA_NEW(rq->arena, struct project_access);
	struct err unknown = { 0 };
	struct db *db;

	if (mr->source_project.v == 0 || request_db(rq, &db, &unknown) < 0 ||
	    access_find_project_by_id(db, &rq->actor, mr->source_project, rq->arena, access,
				      &unknown) < 0)
		return NULL;
	return access_allows(&rq->actor, action, &access->target) ? &access->project : NULL;
}

static struct str fork_path(struct request *rq, const struct merge_request *mr)
{
	const struct project *fork = NULL;

	if (merge_request_is_from_fork(mr))
		fork = merge_source(rq, mr, ACTION_PROJECT_VIEW);
	return fork ? fork->path : STR_NONE;
}

struct view_merge_row merge_row_view(struct request *rq, const struct merge_request *mr)
{
	return (struct view_merge_row){
		.project = mr->project_path,
		.iid = mr->iid,
		.title = mr->title,
		.source_branch = mr->source_branch,
		.target_branch = mr->target_branch,
		.is_from_fork = merge_request_is_from_fork(mr),
		.fork = fork_path(rq, mr),
		.state = merge_request_state_word(mr->state),
		.is_draft = mr->is_draft,
		.is_conflict = mr->state == MERGE_REQUEST_OPENED && mr->check == MERGE_CONFLICT,
		.author = person_view(rq, &mr->author),
		.reviewers = people_view(rq, &mr->reviewers),
		.reviewers_count = mr->reviewers.count,
		.created = mr->created_at,
		.updated = mr->updated_at,
		.notes = mr->notes,
		.open_threads = mr->open_threads,
	};
}

int merge_rows_marks(struct request *rq, const struct merge_requests *list,
		     struct view_merge_row *rows, struct err *e)
{
	struct str_list shas = { ARENA_ARRAY(rq->arena, struct str, list->count + 1), 0 };
	struct pipeline_marks marks;
	struct db *db;

	for (size_t i = 0; i < list->count; i++)
		shas.items[shas.count++] = list->items[i].head_sha;
	if (request_db(rq, &db, e) < 0 ||
	    pipeline_of_commits(db, rq->project->id, &shas, rq->arena, &marks, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < list->count; i++)
		rows[i].pipeline = status_of_mark(rq, &marks, list->items[i].head_sha);
	return 0;
}

struct view_merge_head merge_head_view(struct request *rq, const struct merge_request *mr,
				       const char *tab)
{
	struct view_merge_head head = {
		.row = merge_row_view(rq, mr),
		.tab = tab,
		.may_change = request_may(rq, ACTION_MERGE_REQUEST_WRITE) ||
			      (mr->author.id.v != 0 && mr->author.id.v == rq->actor.user.v &&
			       !rq->target.is_archived),
		.source_is_here =
			mr->source_project.v == rq->project->id.v && !str_is_none(mr->source_sha),
		.versions = mr->versions,
	};

	head.row.labels = labels_view(rq, &mr->labels, ROUTE_merge_requests);
	return head;
}
