#include "domain/job_payload.h"
#include "domain/pipeline_change.h"
#include "pages/job.h"
#include "tmpl/job_show.h"

static struct job_id id_of(const struct request *rq)
{
	return (struct job_id){ page_id(rq, "id") };
}

static struct str job_path(const struct request *rq, struct job_id id)
{
	return url_for(rq->arena, ROUTE_job, rq->project->path,
		       arena_fmt(rq->arena, "%lld", (long long)id.v));
}

/* ---------------------------------------------------------------------------- facts */

static void fill_times(struct request *rq, const struct job *job, struct view_job_show *v)
{
	v->has_took = job->has_started_at;
	v->took = status_duration(rq, job->running_seconds);
	v->has_queued = job->has_queued_at;
	v->queued = status_duration(rq, job->queued_seconds);
	v->timeout = status_duration(rq, job->timeout);
	v->created = job->created_at;
	v->has_finished = job->has_finished_at;
	v->finished = job->finished_at;
}

static void fill_failure(struct request *rq, const struct job *job, struct view_job_show *v)
{
	const char *text = job_failure_text(job->failure_reason);

	if (!str_is_none(job->failure_message))
		v->failure = page_sentence(rq, job->failure_message);
	else if (text)
		v->failure = page_text(rq, text);
	if (job->has_exit_code && job->status == CI_STATUS_FAILED)
		v->exit_code = arena_fmt(rq->arena, "%d", (int)job->exit_code);
}

static void fill_acts(struct request *rq, const struct job *job, struct view_job_show *v)
{
	bool may_run = request_may(rq, ACTION_PIPELINE_RUN);

	v->may_cancel = may_run && job_may_cancel(job);
	v->may_play = may_run && job_may_play(job);
	v->may_retry = may_run && job_may_retry(job);
	if (v->may_play)
		v->given = given_view(rq, JOB_GIVEN_ROWS);
	v->is_over = ci_status_is_complete(job->status);
	v->allow_failure = job->allow_failure && job->status == CI_STATUS_FAILED;
}

static void fill(struct request *rq, const struct job *job, struct view_job_show *v)
{
	v->project = rq->project->path;
	v->id = job->id.v;
	v->pipeline = job->pipeline.v;
	v->status = status_view(rq, job->status, false, STR_NONE);
	v->pipeline_status = status_of_pipeline(rq, job->pipeline, job->pipeline_status, false);
	v->name = job->name;
	v->stage = job->stage;
	v->ref_name = job->ref_name;
	v->is_tag = job->is_tag;
	v->has_ref_link = !str_eq_c(job->source, "merge_request_event");
	v->oid = job->sha;
	v->short_oid = str_upto(job->sha, 8);
	v->environment = job->environment;
	v->is_latest = job->is_latest;
	v->tags = job->tags.items;
	v->tags_count = job->tags.count;
	v->username = job->user.username;
	v->user = str_is_empty(job->user.name) ? job->user.username : job->user.name;
	if (job->runner.id.v != 0)
		v->runner = str_is_empty(job->runner.description)
				    ? arena_fmt(rq->arena, "#%lld", (long long)job->runner.id.v)
				    : job->runner.description;
	v->runner_version = job->runner.version;
	fill_times(rq, job, v);
	fill_failure(rq, job, v);
	fill_acts(rq, job, v);
}

/* What the log of the job would hide is hidden here, too. */
static struct str shown_value(const struct str_list *secrets, struct str value)
{
	for (size_t i = 0; i < secrets->count; i++)
		if (str_find_str(value, secrets->items[i]) < value.n)
			return STR("[MASKED]");
	return value;
}

/* What a person started the job with; jobs can print it, so who may start jobs may see it. */
static int fill_started(struct request *rq, struct db *db, const struct job *job,
			struct view_job_show *v, struct err *e)
{
	struct ci_variables given;
	struct str_list secrets;

	ci_variables_init(&given, rq->arena);
	if (!request_may(rq, ACTION_PIPELINE_RUN) || v->may_play)
		return 0;
	if (job_variables_given(db, rq->app->secret, job->id, rq->arena, &given, e) < 0)
		return -(int)e->code;
	if (given.count == 0)
		return 0;
	if (job_secrets(db, rq->app->instance, job->id, STR_NONE, rq->arena, &secrets, e) < 0)
		return -(int)e->code;
	v->started.rows = ARENA_ARRAY(rq->arena, struct view_given_row, given.count);
	for (size_t i = 0; i < given.count; i++)
		v->started.rows[v->started.rows_count++] = (struct view_given_row){
			.key = given.items[i].key,
			.value = shown_value(&secrets, given.items[i].value),
		};
	rq->has_secret = true;
	return 0;
}

/* The other runs of this job: what was retried, and what was made of it. */
static int fill_runs(struct request *rq, struct db *db, const struct job *job,
		     struct view_job_show *v, struct err *e)
{
	struct jobs all;

	if (job_list_of_pipeline(db, rq->project->id, job->pipeline, true, rq->arena, &all, e) < 0)
		return -(int)e->code;
	v->runs = ARENA_ARRAY(rq->arena, struct view_job_row, all.count + 1);
	for (size_t i = 0; i < all.count; i++) {
		const struct job *other = &all.items[i];

		if (!str_eq(other->name, job->name) || other->id.v == job->id.v)
			continue;
		v->runs[v->runs_count++] = (struct view_job_row){
			.project = rq->project->path,
			.id = other->id.v,
			.status = status_view(rq, other->status, false,
					      page_url(rq, job_path(rq, other->id))),
			.created = other->created_at,
		};
	}
	return 0;
}

static int fill_waiting(struct request *rq, struct db *db, const struct job *job,
			struct view_job_show *v, struct err *e)
{
	struct job_waiting waiting;
	struct str environment;

	if (job_why_waiting(db, job, rq->arena, &waiting, e) < 0)
		return -(int)e->code;
	v->waiting =
		(struct view_waiting){ waiting.why, waiting.subject, waiting.number, waiting.at };
	if ((!v->may_play && !v->may_retry) || str_is_none(job->environment))
		return 0;
	return pipeline_job_rolls_back(db, rq->project->id, job->id, rq->arena, &v->rolls_back,
				       &environment, e);
}

static int show(struct request *rq, struct view_job_show *v, struct err *e)
{
	struct job job;
	struct db *db;

	if (request_db(rq, &db, e) < 0 ||
	    job_get(db, rq->project->id, id_of(rq), rq->arena, &job, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v->page, "pipelines");
	fill(rq, &job, v);
	if (fill_runs(rq, db, &job, v, e) < 0 || fill_waiting(rq, db, &job, v, e) < 0 ||
	    fill_started(rq, db, &job, v, e) < 0 ||
	    artifact_view(rq, db, job.id, &v->artifacts, e) < 0 ||
	    job_log_read(rq, db, job.id, &v->log, e) < 0)
		return -(int)e->code;
	if (!v->is_over)
		v->stream = page_url(rq, url_for(rq->arena, ROUTE_job_stream, rq->project->path,
						 request_param(rq, "id")));
	tmpl_job_show(request_emit(rq), v);
	return request_send_page(rq, page_problem_status(&v->problem), e);
}

int page_job(struct request *rq, struct err *e)
{
	struct view_job_show v = { 0 };

	return show(rq, &v, e);
}

/* ----------------------------------------------------------------------------- acts */

/* Back to the page whose button it was; a retried job has a page of its own. */
static int done(struct request *rq, struct db *db, struct job_id id, size_t pending,
		const char *notice, struct err *e)
{
	struct str to = request_form(rq, "return_to");
	struct job job;

	if (job_get(db, rq->project->id, id, rq->arena, &job, e) < 0)
		return -(int)e->code;
	pipeline_tell(rq, db, job.pipeline, id, pending);
	page_notice(rq, notice);
	return request_redirect(
		rq, str_is_empty(to) ? job_path(rq, id) : request_safe_return(rq, to), e);
}

static int refused(struct request *rq, const struct err *error, struct err *e)
{
	struct view_job_show v = { 0 };

	if (!page_is_problem(rq, error, &v.problem, e))
		return -(int)e->code;
	return show(rq, &v, e);
}

int page_job_cancel(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_cancel_job(db, &rq->actor, rq->project->id, id_of(rq), rq->arena, &error) < 0)
		return refused(rq, &error, e);
	return done(rq, db, id_of(rq), 0, I18N("Canceled."), e);
}

int page_job_play(struct request *rq, struct err *e)
{
	struct ci_variables variables;
	const struct job_given given = { rq->app->secret, &variables };
	struct err error = { 0 };
	size_t pending = 0;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (given_read(rq, &variables, &error) < 0 ||
	    pipeline_play_job(db, &rq->actor, rq->project->id, id_of(rq), &given, rq->arena,
			      &pending, &error) < 0)
		return refused(rq, &error, e);
	return done(rq, db, id_of(rq), pending, I18N("Started."), e);
}

int page_job_retry(struct request *rq, struct err *e)
{
	struct err error = { 0 };
	struct job_id again;
	size_t pending = 0;
	struct db *db;

	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_retry_job(db, &rq->actor, rq->project->id, id_of(rq), rq->arena, &again,
			       &pending, &error) < 0)
		return refused(rq, &error, e);
	return done(rq, db, again, pending, I18N("It runs once more."), e);
}
