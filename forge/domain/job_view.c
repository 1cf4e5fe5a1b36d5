#include "domain/job_view.h"

#include "store/db.h"

#include "q/job_view.h"

static enum ci_status status_of(struct str text)
{
	enum ci_status status = CI_STATUS_CREATED;
	bool is_known = ci_status_parse(text, &status);

	ASSERT(is_known);
	return status;
}

static struct job_runner runner_of_row(const struct q_job_by_ids_row *row)
{
	return (struct job_runner){ .id = { row->has_runner_id ? row->runner_id : 0 },
				    .description = row->runner_description,
				    .kind = row->runner_kind,
				    .is_paused = row->has_runner_is_paused && row->runner_is_paused,
				    .version = row->version,
				    .platform = row->platform,
				    .architecture = row->architecture,
				    .executor = row->executor,
				    .ip = row->ip,
				    .has_contacted_at = row->has_contacted_at,
				    .contacted_at = row->contacted_at };
}

static struct job job_of_row(const struct q_job_by_ids_row *row, struct project_id project)
{
	return (struct job){
		.id = { row->id },
		.project = project,
		.pipeline = { row->pipeline_id },
		.name = row->name,
		.stage = row->stage,
		.stage_index = row->stage_index,
		.status = status_of(row->status),
		.run_when = row->run_when,
		.allow_failure = row->allow_failure,
		.has_needs = row->has_needs,
		.needs = row->needs,
		.tags = row->tags,
		.is_protected = row->is_protected,
		.environment = row->environment,
		.environment_action = row->environment_action,
		.resource_group = row->resource_group,
		.timeout = row->timeout,
		.attempt = row->attempt,
		.retried_from = { row->has_retried_from ? row->retried_from : 0 },
		.is_latest = row->is_latest,
		.runner = runner_of_row(row),
		.failure_reason = row->failure_reason,
		.failure_message = row->failure_message,
		.has_exit_code = row->has_exit_code,
		.exit_code = row->exit_code,
		.trace_length = row->trace_length,
		.user = { { row->has_user_id ? row->user_id : 0 }, row->username, row->user_name },
		.created_at = row->created_at,
		.has_queued_at = row->has_queued_at,
		.has_scheduled_at = row->has_scheduled_at,
		.has_started_at = row->has_started_at,
		.has_finished_at = row->has_finished_at,
		.queued_at = row->queued_at,
		.scheduled_at = row->scheduled_at,
		.started_at = row->started_at,
		.finished_at = row->finished_at,
		.running_seconds = row->running_seconds,
		.queued_seconds = row->queued_seconds,
		.pipeline_iid = row->pipeline_iid,
		.source = row->source,
		.ref = row->ref,
		.ref_name = row->ref_name,
		.sha = row->sha,
		.is_tag = row->is_tag,
		.pipeline_status = status_of(row->pipeline_status),
		.pipeline_created_at = row->pipeline_created_at,
		.pipeline_updated_at = row->pipeline_updated_at,
	};
}

static int read_rows(struct db *db, struct project_id project, struct i64_list ids, struct arena *a,
		     struct jobs *jobs, struct err *e)
{
	struct q_job_by_ids_row *rows;
	size_t count;

	if (q_job_by_ids(db, &(struct q_job_by_ids_in){ .project_id = project.v, .ids = ids }, a,
			 &rows, &count, e) < 0)
		return -(int)e->code;
	jobs->items = ARENA_ARRAY(a, struct job, count);
	jobs->count = count;
	for (size_t i = 0; i < count; i++)
		jobs->items[i] = job_of_row(&rows[i], project);
	return 0;
}

int job_list_of_pipeline(struct db *db, struct project_id project, struct pipeline_id id,
			 bool with_retried, struct arena *a, struct jobs *jobs, struct err *e)
{
	struct q_job_ids_of_pipeline_row *rows;
	struct i64_list ids;

	if (q_job_ids_of_pipeline(
		    db,
		    &(struct q_job_ids_of_pipeline_in){ .project_id = project.v,
							.pipeline_id = id.v,
							.with_retried = with_retried },
		    a, &rows, &ids.count, e) < 0)
		return -(int)e->code;
	ids.items = ARENA_ARRAY(a, int64_t, ids.count);
	for (size_t i = 0; i < ids.count; i++)
		ids.items[i] = rows[i].id;
	jobs->has_more = false;
	return read_rows(db, project, ids, a, jobs, e);
}

int job_list(struct db *db, struct project_id project, const struct str_list *statuses,
	     struct listing slice, struct arena *a, struct jobs *jobs, struct err *e)
{
	struct q_job_ids_row *rows;
	struct i64_list ids;

	if (q_job_ids(db,
		      &(struct q_job_ids_in){ .project_id = project.v,
					      .statuses = *statuses,
					      .skip = slice.offset,
					      .take = slice.limit + 1 },
		      a, &rows, &ids.count, e) < 0)
		return -(int)e->code;
	jobs->has_more = ids.count > (size_t)slice.limit;
	ids.count -= jobs->has_more;
	ids.items = ARENA_ARRAY(a, int64_t, ids.count);
	for (size_t i = 0; i < ids.count; i++)
		ids.items[i] = rows[i].id;
	return read_rows(db, project, ids, a, jobs, e);
}

int job_find(struct db *db, struct project_id project, struct job_id id, struct arena *a,
	     struct job *job, bool *found, struct err *e)
{
	int64_t one = id.v;
	struct jobs list = { 0 };

	if (read_rows(db, project, (struct i64_list){ &one, 1 }, a, &list, e) < 0)
		return -(int)e->code;
	*found = list.count > 0;
	if (*found)
		*job = list.items[0];
	return 0;
}

int job_get(struct db *db, struct project_id project, struct job_id id, struct arena *a,
	    struct job *job, struct err *e)
{
	bool found = false;

	if (job_find(db, project, id, a, job, &found, e) < 0)
		return -(int)e->code;
	return found ? 0 : err_set(e, ERR_NOT_FOUND, "404 Job Not Found");
}

bool job_may_cancel(const struct job *job)
{
	return !ci_status_is_complete(job->status) && job->status != CI_STATUS_CANCELING;
}

bool job_may_play(const struct job *job)
{
	return job->status == CI_STATUS_MANUAL || job->status == CI_STATUS_SCHEDULED;
}

bool job_may_retry(const struct job *job)
{
	return job->is_latest &&
	       (job->status == CI_STATUS_SUCCESS || job->status == CI_STATUS_FAILED ||
		job->status == CI_STATUS_CANCELED);
}
