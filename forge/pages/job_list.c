#include "pages/job.h"
#include "tmpl/job_list.h"

#define JOB_ROWS 30

static const struct {
	const char *word, *label;
} statuses[] = {
	{ "pending", I18N("waits for a runner") },
	{ "running", I18N("running") },
	{ "success", I18N("passed") },
	{ "failed", I18N("failed") },
	{ "canceled", I18N("canceled") },
	{ "manual", I18N("waits for a person") },
};

static struct view_job_row row_of(struct request *rq, const struct job *job)
{
	struct str id = arena_fmt(rq->arena, "%lld", (long long)job->id.v);

	return (struct view_job_row){
		.project = rq->project->path,
		.id = job->id.v,
		.pipeline = job->pipeline.v,
		.status = status_view(
			rq, job->status, false,
			page_url(rq, url_for(rq->arena, ROUTE_job, rq->project->path, id))),
		.name = job->name,
		.stage = job->stage,
		.ref_name = job->ref_name,
		.oid = job->sha,
		.short_oid = str_upto(job->sha, 8),
		.has_took = job->has_started_at,
		.took = status_duration(rq, job->running_seconds),
		.runner = job->runner.description,
		.created = job->created_at,
	};
}

int page_jobs(struct request *rq, struct err *e)
{
	struct listing slice = page_listing(rq, JOB_ROWS);
	struct str status = request_query(rq, "status");
	struct str_list wanted = { &status, str_is_empty(status) ? 0 : 1 };
	struct view_jobs v = { .is_filtered = wanted.count > 0 };
	struct jobs jobs;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    job_list(db, rq->project->id, &wanted, slice, rq->arena, &jobs, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "pipelines");
	v.statuses = ARENA_ARRAY(rq->arena, struct view_pipeline_choice, ARRAY_LEN(statuses));
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		v.statuses[v.statuses_count++] =
			(struct view_pipeline_choice){ statuses[i].word,
						       page_text(rq, statuses[i].label),
						       str_eq_c(status, statuses[i].word) };
	v.jobs = ARENA_ARRAY(rq->arena, struct view_job_row, jobs.count + 1);
	for (size_t i = 0; i < jobs.count; i++)
		v.jobs[v.jobs_count++] = row_of(rq, &jobs.items[i]);
	v.pager = page_pager(rq, slice, -1, jobs.has_more);
	tmpl_job_list(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
