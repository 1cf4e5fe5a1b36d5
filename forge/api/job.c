/* /projects/:id/jobs and the jobs of a pipeline: lists, one, and what is done to it. */
#include "api/api.h"
#include "api/entity_ci.h"
#include "api/given.h"
#include "domain/pipeline_change.h"
#include "domain/queue.h"

static int id_of(const struct request *rq, struct job_id *id, struct err *e)
{
	return api_path_id(rq, "job", "404 Not Found", &id->v, e);
}

/* ?scope=failed, or scope[]=a&scope[]=b. */
static int read_scopes(struct request *rq, struct str_list *scopes, struct err *e)
{
	struct str one = request_query(rq, "scope");
	enum ci_status status;

	*scopes = (struct str_list){ ARENA_ARRAY(rq->arena, struct str, rq->query.count + 1), 0 };
	if (!str_is_empty(one))
		scopes->items[scopes->count++] = one;
	for (size_t i = 0; i < rq->query.count; i++)
		if (str_eq_c(rq->query.items[i].name, "scope[]"))
			scopes->items[scopes->count++] = rq->query.items[i].value;
	for (size_t i = 0; i < scopes->count; i++)
		if (!ci_status_parse(scopes->items[i], &status))
			return err_set(e, ERR_INVALID, "scope does not have a valid value");
	return 0;
}

static int write_job(struct request *rq, struct db *db, struct jsonw *w, const struct job *job,
		     struct err *e)
{
	struct artifacts artifacts = { 0 };

	if (job->has_started_at &&
	    artifact_list(db, rq->project->id, job->id, rq->arena, &artifacts, e) < 0)
		return -(int)e->code;
	entity_job(w, rq, job, &artifacts);
	return 0;
}

int api_job_list(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	struct jsonw *w = request_jsonw(rq);
	struct str_list scopes;
	struct jobs jobs;
	struct db *db = NULL;

	if (read_scopes(rq, &scopes, e) < 0 || request_db(rq, &db, e) < 0 ||
	    job_list(db, rq->project->id, &scopes, slice, rq->arena, &jobs, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < jobs.count; i++)
		if (write_job(rq, db, w, &jobs.items[i], e) < 0)
			return -(int)e->code;
	jsonw_end(w);
	api_page_headers_open(rq, &page, jobs.has_more);
	return request_send_json(rq, 200, e);
}

static bool is_wanted(const struct str_list *scopes, const struct job *job)
{
	for (size_t i = 0; i < scopes->count; i++)
		if (str_eq_c(scopes->items[i], ci_status_name(job->status)))
			return true;
	return scopes->count == 0;
}

int api_pipeline_jobs(struct request *rq, struct err *e)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);
	bool with_retried = str_eq_c(request_query(rq, "include_retried"), "true");
	struct jsonw *w = request_jsonw(rq);
	struct pipeline pipeline;
	struct pipeline_id id;
	struct str_list scopes;
	struct jobs jobs;
	struct db *db = NULL;
	int64_t total = 0;

	if (api_path_id(rq, "pipeline", "404 Pipeline Not Found", &id.v, e) < 0 ||
	    read_scopes(rq, &scopes, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_get(db, rq->project->id, id, rq->arena, &pipeline, e) < 0 ||
	    job_list_of_pipeline(db, rq->project->id, id, with_retried, rq->arena, &jobs, e) < 0)
		return -(int)e->code;
	jsonw_array(w);
	for (size_t i = 0; i < jobs.count; i++) {
		if (!is_wanted(&scopes, &jobs.items[i]))
			continue;
		if (total >= slice.offset && total < slice.offset + slice.limit &&
		    write_job(rq, db, w, &jobs.items[i], e) < 0)
			return -(int)e->code;
		total++;
	}
	jsonw_end(w);
	api_page_headers(rq, &page, total);
	return request_send_json(rq, 200, e);
}

/* No job of another pipeline is ever made by a job. */
int api_pipeline_bridges(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);

	jsonw_array(w);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

static int send_job(struct request *rq, struct db *db, struct job_id id, int status, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct job job;

	if (job_get(db, rq->project->id, id, rq->arena, &job, e) < 0 ||
	    write_job(rq, db, w, &job, e) < 0)
		return -(int)e->code;
	return request_send_json(rq, status, e);
}

int api_job_get(struct request *rq, struct err *e)
{
	struct job_id id;
	struct db *db = NULL;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	return send_job(rq, db, id, 200, e);
}

/* ----------------------------------------------------------------------------- acts */

static int done(struct request *rq, struct db *db, struct job_id id, size_t pending, int status,
		struct err *e)
{
	struct job job;
	struct queue_news news;

	if (job_get(db, rq->project->id, id, rq->arena, &job, e) < 0)
		return -(int)e->code;
	news = (struct queue_news){ rq->project->id, job.pipeline, id, pending };
	queue_announce(db, rq->app->live, &news, rq->arena);
	return send_job(rq, db, id, status, e);
}

int api_job_cancel(struct request *rq, struct err *e)
{
	struct job_id id;
	struct db *db = NULL;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_cancel_job(db, &rq->actor, rq->project->id, id, rq->arena, e) < 0)
		return -(int)e->code;
	return done(rq, db, id, 0, 201, e);
}

int api_job_retry(struct request *rq, struct err *e)
{
	struct job_id id, again;
	struct db *db = NULL;
	size_t pending = 0;

	if (id_of(rq, &id, e) < 0 || request_db(rq, &db, e) < 0 ||
	    pipeline_retry_job(db, &rq->actor, rq->project->id, id, rq->arena, &again, &pending,
			       e) < 0)
		return -(int)e->code;
	return done(rq, db, again, pending, 201, e);
}

/* A job that cannot be started is GitLab's 400 "Unplayable Job", with our reason behind it. */
int api_job_play(struct request *rq, struct err *e)
{
	struct job_id id;
	struct db *db = NULL;
	size_t pending = 0;
	struct ci_variables variables;
	const struct job_given given = { rq->app->secret, &variables };
	struct err error = { 0 };

	if (id_of(rq, &id, e) < 0 ||
	    api_given_read(rq, "job_variables_attributes", &variables, e) < 0 ||
	    request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (pipeline_play_job(db, &rq->actor, rq->project->id, id, &given, rq->arena, &pending,
			      &error) == 0)
		return done(rq, db, id, pending, 200, e);
	if (error.code == ERR_CONFLICT)
		return api_send_message(
			rq, 400,
			arena_fmt(rq->arena, "400 Bad request - Unplayable Job: %s", error.text),
			e);
	*e = error;
	return -(int)e->code;
}
