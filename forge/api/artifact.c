/* Artifacts for people's programs: of a job, or of the latest good pipeline of a branch or tag. */
#include "api/api.h"
#include "request_artifact.h"

static int missing(struct err *e)
{
	return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Not Found")
					: -(int)e->code;
}

static int job_of_path(const struct request *rq, struct job_id *job, struct err *e)
{
	return api_path_id(rq, "job", "404 Job Not Found", &job->v, e);
}

/* The archive of {job}. */
static int get_archive(struct request *rq, struct artifact *artifact, struct err *e)
{
	struct job_id job;
	struct db *db = NULL;

	if (job_of_path(rq, &job, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (artifact_get(db, rq->project->id, job, STR("archive"), rq->arena, artifact, e) < 0)
		return missing(e);
	return 0;
}

/* The archive of ?job= at {ref_path}. */
static int get_latest(struct request *rq, struct artifact *artifact, struct err *e)
{
	struct str name = request_query(rq, "job");
	struct db *db = NULL;

	if (str_is_empty(name))
		return err_set(e, ERR_INVALID, "job is missing");
	if (request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (artifact_get_latest(db, rq->project->id, request_param(rq, "ref_path"), name, rq->arena,
				artifact, e) < 0)
		return missing(e);
	return 0;
}

static int send_file(struct request *rq, const struct artifact *artifact, struct err *e)
{
	struct artifact_files files;
	const struct zip_entry *entry;

	if (request_open_artifact(rq, artifact, &files, e) < 0)
		return -(int)e->code;
	if (artifact_files_get(&files, request_param(rq, "file_path"), &entry, e) < 0)
		return missing(e);
	return request_send_artifact_file(rq, &files, entry, true, e);
}

int api_artifact(struct request *rq, struct err *e)
{
	struct artifact artifact;

	if (get_archive(rq, &artifact, e) < 0)
		return -(int)e->code;
	return request_send_artifact(rq, &artifact, e);
}

int api_artifact_file(struct request *rq, struct err *e)
{
	struct artifact artifact;

	if (get_archive(rq, &artifact, e) < 0)
		return -(int)e->code;
	return send_file(rq, &artifact, e);
}

int api_artifact_latest(struct request *rq, struct err *e)
{
	struct artifact artifact;

	if (get_latest(rq, &artifact, e) < 0)
		return -(int)e->code;
	return request_send_artifact(rq, &artifact, e);
}

int api_artifact_latest_file(struct request *rq, struct err *e)
{
	struct artifact artifact;

	if (get_latest(rq, &artifact, e) < 0)
		return -(int)e->code;
	return send_file(rq, &artifact, e);
}

int api_artifact_keep(struct request *rq, struct err *e)
{
	struct job_id job;
	struct db *db = NULL;

	if (job_of_path(rq, &job, e) < 0 || request_db(rq, &db, e) < 0)
		return -(int)e->code;
	if (artifact_keep(db, &rq->actor, rq->project->id, job, e) < 0)
		return missing(e);
	return api_send_message(rq, 200, STR("200 OK"), e);
}

int api_artifact_remove(struct request *rq, struct err *e)
{
	struct job_id job;
	struct db *db = NULL;
	int64_t count;

	if (job_of_path(rq, &job, e) < 0 || request_db(rq, &db, e) < 0 ||
	    artifact_remove(db, &rq->actor, rq->project->id, job, &count, e) < 0)
		return -(int)e->code;
	if (count == 0)
		return err_set(e, ERR_NOT_FOUND, "404 Not Found");
	return request_send_nothing(rq, e);
}

int api_artifact_remove_all(struct request *rq, struct err *e)
{
	struct db *db = NULL;
	int64_t count;

	if (request_db(rq, &db, e) < 0 ||
	    artifact_remove(db, &rq->actor, rq->project->id, (struct job_id){ 0 }, &count, e) < 0)
		return -(int)e->code;
	return api_send_message(rq, 202, STR("202 Accepted"), e);
}
