/* Commits and pipelines of a merge request. */
#include "domain/pipeline_request.h"
#include "domain/pipeline_view.h"
#include "git/diff.h"
#include "pages/merge_request.h"
#include "pages/pipeline.h"
#include "tmpl/merge_request_commits.h"
#include "tmpl/merge_request_pipelines.h"

#define MERGE_COMMITS 250
#define MERGE_PIPELINES 50

int page_merge_request_commits(struct request *rq, struct err *e)
{
	const struct diff_options options = { .names_only = true };
	struct view_merge_commits v = { 0 };
	struct merge_request mr;
	struct compare compare;
	struct oid start, head;
	struct repo *repo;

	if (merge_request_of_route(rq, false, &mr, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (!oid_parse(mr.head_sha, &head))
		return err_set(e, ERR_INTERNAL, "a merge request without a commit");
	if (!oid_parse(mr.start_sha, &start))
		start = head;
	if (request_repo(rq, &repo, e) < 0 ||
	    diff_compare(repo, &start, &head, &options, MERGE_COMMITS, budget_page(), rq->arena,
			 &compare, e) < 0)
		return -(int)e->code;
	v.head = merge_head_view(rq, &mr, "commits");
	v.commits = ARENA_ARRAY(rq->arena, struct view_commit, compare.commits.commits_count + 1);
	for (size_t i = 0; i < compare.commits.commits_count; i++)
		commit_view(rq, &compare.commits.commits[i], &v.commits[v.commits_count++]);
	v.has_more = compare.commits.has_more || compare.commits.gave_up;
	page_frame(rq, &v.page, "merge_requests");
	tmpl_merge_request_commits(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

static struct view_merge_pipeline pipeline_row(struct request *rq, const struct project *project,
					       const struct pipeline *p)
{
	struct str number = arena_fmt(rq->arena, "%lld", (long long)p->id.v);

	return (struct view_merge_pipeline){
		.project = project->path,
		.id = p->id.v,
		.status = status_view(
			rq, p->status, p->has_warnings,
			page_url(rq, url_for(rq->arena, ROUTE_pipeline, project->path, number))),
		.sha = p->sha,
		.short_sha = str_upto(p->sha, 8),
		.source = pipeline_source_word(rq, p->source),
		.is_of_result = str_ends(p->ref, STR("/merge")) &&
				str_starts(p->ref, STR("refs/merge-requests/")),
		.took = p->has_started_at ? status_duration(rq, p->running_seconds) : STR_NONE,
		.created = p->created_at,
	};
}

/* Those of its source branch, be they started by a push or by the merge request. */
static int pipelines_page(struct request *rq, const struct view_problem *problem, struct err *e)
{
	struct view_merge_pipelines v = { .problem = *problem,
					  .may_run = request_may(rq, ACTION_PIPELINE_RUN) };
	struct pipeline_filter filter = { 0 };
	struct pipelines list = { 0 };
	const struct project *source;
	struct merge_request mr;
	struct db *db;

	if (merge_request_of_route(rq, false, &mr, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	filter.ref_name = mr.source_branch;
	source = merge_source(rq, &mr, ACTION_PIPELINE_READ);
	if (source && pipeline_list(db, source->id, &filter, (struct listing){ 0, MERGE_PIPELINES },
				    rq->arena, &list, e) < 0)
		return -(int)e->code;
	v.head = merge_head_view(rq, &mr, "pipelines");
	v.pipelines = ARENA_ARRAY(rq->arena, struct view_merge_pipeline, list.count + 1);
	for (size_t i = 0; i < list.count; i++)
		v.pipelines[v.pipelines_count++] = pipeline_row(rq, source, &list.items[i]);
	page_frame(rq, &v.page, "merge_requests");
	v.may_run = v.may_run && mr.state == MERGE_REQUEST_OPENED &&
		    mr.source_project.v == mr.project.v;
	tmpl_merge_request_pipelines(request_emit(rq), &v);
	return request_send_page(rq, page_problem_status(problem), e);
}

int page_merge_request_pipelines(struct request *rq, struct err *e)
{
	const struct view_problem none = { 0 };

	return pipelines_page(rq, &none, e);
}

int page_merge_request_pipeline_create(struct request *rq, struct err *e)
{
	struct view_problem problem = { 0 };
	struct pipeline_made made;
	struct err error = { 0 };
	struct merge_request mr;

	if (merge_request_of_route(rq, true, &mr, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (pipeline_run_of_request(rq->app->instance, &rq->actor, &mr, rq->arena, &made, &error) <
	    0) {
		if (!page_is_problem(rq, &error, &problem, e))
			return -(int)e->code;
		return pipelines_page(rq, &problem, e);
	}
	page_notice(rq, I18N("The pipeline is started."));
	return request_redirect(rq,
				url_for(rq->arena, ROUTE_pipeline, rq->project->path,
					arena_fmt(rq->arena, "%lld", (long long)made.id.v)),
				e);
}
