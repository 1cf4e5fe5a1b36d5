#include "domain/pipeline_change.h"
#include "pages/pipeline.h"
#include "tmpl/pipeline_show.h"

static struct pipeline_id id_of(const struct request *rq)
{
	return (struct pipeline_id){ page_id(rq, "id") };
}

static struct str pipeline_path(const struct request *rq)
{
	return url_for(rq->arena, ROUTE_pipeline, rq->project->path, request_param(rq, "id"));
}

/* ---------------------------------------------------------------------------- graph */

static struct str needs_text(struct request *rq, const struct job *job)
{
	struct str text = STR("");

	if (!job->has_needs)
		return STR_NONE;
	if (job->needs.count == 0)
		return page_text(rq, I18N("starts at once"));
	for (size_t i = 0; i < job->needs.count; i++)
		text = i == 0 ? job->needs.items[0]
			      : arena_fmt(rq->arena, "%.*s, %.*s", STR_FMT(text),
					  STR_FMT(job->needs.items[i]));
	return arena_fmt(rq->arena, "%.*s %.*s", STR_FMT(page_text(rq, I18N("after"))),
			 STR_FMT(text));
}

static struct view_pipeline_job job_of(struct request *rq, const struct job *job, struct str here)
{
	struct str id = arena_fmt(rq->arena, "%lld", (long long)job->id.v);
	bool may_run = request_may(rq, ACTION_PIPELINE_RUN);
	bool is_warning = job->status == CI_STATUS_FAILED && job->allow_failure;
	struct view_pipeline_job v = {
		.id = job->id.v,
		.project = rq->project->path,
		.status = status_view(
			rq, job->status, false,
			page_url(rq, url_for(rq->arena, ROUTE_job, rq->project->path, id))),
		.name = job->name,
		.environment = job->environment,
		.needs = needs_text(rq, job),
		.may_cancel = may_run && job_may_cancel(job) && !job_may_play(job),
		.may_play = may_run && job_may_play(job),
		.may_retry = may_run && job_may_retry(job),
		.asks_first = !str_is_none(job->environment),
		.runs = 1,
		.here = here,
	};

	if (job->has_started_at)
		v.took = status_duration(rq, job->running_seconds);
	if (is_warning) {
		v.status.look = "warn";
		v.status.icon = "alert";
		v.status.word = page_text(rq, I18N("failed, which is allowed"));
	}
	return v;
}

static struct ci_job_state state_of(const struct job *job)
{
	return (struct ci_job_state){ .status = job->status,
				      .allow_failure = job->allow_failure,
				      .stage = (size_t)job->stage_index };
}

/* The state of jobs [from, to), which are of one stage. */
static struct view_status stage_status(struct request *rq, const struct jobs *jobs, size_t from,
				       size_t to)
{
	struct ci_job_state *states = ARENA_ARRAY(rq->arena, struct ci_job_state, to - from);

	for (size_t i = from; i < to; i++)
		states[i - from] = state_of(&jobs->items[i]);
	return status_view(rq, ci_status_of_pipeline(states, to - from), false, STR_NONE);
}

static struct view_pipeline_stage *begin_stage(struct request *rq, const struct jobs *jobs,
					       size_t at, struct view_pipeline_show *v)
{
	struct view_pipeline_stage *stage = &v->stages[v->stages_count++];
	size_t end = at;

	while (end < jobs->count && jobs->items[end].stage_index == jobs->items[at].stage_index)
		end++;
	stage->name = jobs->items[at].stage;
	stage->status = stage_status(rq, jobs, at, end);
	stage->jobs = ARENA_ARRAY(rq->arena, struct view_pipeline_job, end - at);
	return stage;
}

static void fill_needs(struct request *rq, const struct jobs *jobs, struct view_pipeline_show *v)
{
	struct needs_graph_job *drawn = ARENA_ARRAY(rq->arena, struct needs_graph_job, jobs->count);
	size_t count = 0;

	for (size_t s = 0; s < v->stages_count; s++)
		for (size_t i = 0; i < v->stages[s].jobs_count; i++, count++) {
			const struct job *job = &jobs->items[count];
			const struct view_status *status = &v->stages[s].jobs[i].status;

			drawn[count] = (struct needs_graph_job){
				.name = job->name,
				.stage = job->stage,
				.stage_index = job->stage_index,
				.has_needs = job->has_needs,
				.needs = job->needs,
				.look = status->look,
				.icon = status->icon,
				.word = status->word,
				.url = status->url,
			};
		}
	v->needs = needs_graph(drawn, count, rq->arena);
}

/* all: with the runs that were retried, each behind its latest. */
static void fill_stages(struct request *rq, const struct jobs *all, struct view_pipeline_show *v)
{
	struct jobs latest = { ARENA_ARRAY(rq->arena, struct job, all->count), 0, false };
	int64_t *runs = ARENA_ARRAY(rq->arena, int64_t, all->count);
	struct view_pipeline_stage *stage = NULL;

	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].is_latest || latest.count == 0) {
			runs[latest.count] = 0;
			latest.items[latest.count++] = all->items[i];
		}
		runs[latest.count - 1]++;
	}
	v->jobs = (int64_t)latest.count;
	v->stages = ARENA_ARRAY(rq->arena, struct view_pipeline_stage, latest.count);
	for (size_t i = 0; i < latest.count; i++) {
		if (i == 0 || latest.items[i].stage_index != latest.items[i - 1].stage_index)
			stage = begin_stage(rq, &latest, i, v);
		stage->jobs[stage->jobs_count] = job_of(rq, &latest.items[i], pipeline_path(rq));
		stage->jobs[stage->jobs_count++].runs = runs[i];
	}
	fill_needs(rq, &latest, v);
}

/* ----------------------------------------------------------------------------- page */

static void fill_config_error(struct request *rq, const struct pipeline *pipeline,
			      struct view_pipeline_show *v)
{
	v->config_error = pipeline->config_error;
	if (str_is_none(pipeline->config_error) || str_is_none(pipeline->config_file))
		return;
	v->config_place = pipeline->config_file;
	if (pipeline->config_line > 0)
		v->config_place = arena_fmt(rq->arena, "%.*s:%d:%d", STR_FMT(pipeline->config_file),
					    pipeline->config_line, pipeline->config_column);
}

static int show(struct request *rq, struct view_pipeline_show *v, struct err *e)
{
	struct pipeline pipeline;
	struct repo *repo = NULL;
	struct err error = { 0 };
	struct jobs jobs;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    pipeline_get(db, rq->project->id, id_of(rq), rq->arena, &pipeline, e) < 0 ||
	    job_list_of_pipeline(db, rq->project->id, pipeline.id, true, rq->arena, &jobs, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (request_repo(rq, &repo, &error) < 0)
		repo = NULL; /* then without the commit's subject */
	page_frame(rq, &v->page, "pipelines");
	pipeline_fill(rq, repo, &pipeline, &v->pipeline);
	fill_config_error(rq, &pipeline, v);
	fill_stages(rq, &jobs, v);
	v->may_remove = request_may(rq, ACTION_PIPELINE_REMOVE);
	v->may_run = request_may(rq, ACTION_PIPELINE_RUN);
	v->is_over = ci_status_is_complete(pipeline.status);
	if (!v->is_over)
		v->stream = page_url(rq, url_for(rq->arena, ROUTE_pipeline_stream,
						 rq->project->path, request_param(rq, "id")));
	tmpl_pipeline_show(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_pipeline(struct request *rq, struct err *e)
{
	struct view_pipeline_show v = { 0 };

	return show(rq, &v, e);
}

/* ----------------------------------------------------------------------------- acts */

static int refused(struct request *rq, const struct err *error, struct err *e)
{
	struct view_pipeline_show v = { 0 };

	if (!page_is_problem(rq, error, &v.problem, e))
		return -(int)e->code;
	return show(rq, &v, e);
}

int page_pipeline_cancel(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_cancel(db, &rq->actor, rq->project->id, id_of(rq), rq->arena, &error) < 0)
		return refused(rq, &error, e);
	pipeline_tell(rq, db, id_of(rq), (struct job_id){ 0 }, 0);
	page_notice(rq, I18N("Canceled."));
	return request_redirect(rq, pipeline_path(rq), e);
}

int page_pipeline_retry(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	size_t pending = 0;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_retry_whole(db, &rq->actor, rq->project->id, id_of(rq), rq->arena, &pending,
				 &error) < 0)
		return refused(rq, &error, e);
	pipeline_tell(rq, db, id_of(rq), (struct job_id){ 0 }, pending);
	page_notice(rq, I18N("What failed runs once more."));
	return request_redirect(rq, pipeline_path(rq), e);
}

int page_pipeline_remove(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_remove(db, &rq->actor, rq->project->id, id_of(rq), rq->arena, &error) < 0)
		return refused(rq, &error, e);
	page_notice(rq, I18N("The pipeline is deleted."));
	return request_redirect(rq, url_for(rq->arena, ROUTE_pipelines, rq->project->path), e);
}
