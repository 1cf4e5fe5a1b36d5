/* One job, for pages and API: found through its project, by who may. */
#include "domain/access.h"
#include "domain/deploy_job.h"
#include "domain/pipeline_change.h"
#include "domain/pipeline_right.h"

#include "q/job.h"
#include "q/pipeline.h"

static int check_job(struct db *db, const struct actor *actor, struct project_id project,
		     struct job_id id, struct arena *a, struct err *e)
{
	struct project_access access;
	struct q_job_place_row job = { 0 };
	struct q_pipeline_place_row pipeline = { 0 };
	bool found;

	if (access_find_project_by_id(db, actor, project, a, &access, e) < 0 ||
	    q_job_place(db, &(struct q_job_place_in){ id.v }, a, &job, &found, e) < 0)
		return -(int)e->code;
	if (!found || job.project_id != project.v)
		return err_set(e, ERR_NOT_FOUND, "404 Job Not Found");
	if (q_pipeline_place(db, &(struct q_pipeline_place_in){ project.v, job.pipeline_id }, a,
			     &pipeline, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Job Not Found");
	return pipeline_check_right(db, actor, &access.target, project, pipeline.ref, a, e);
}

int pipeline_cancel_job(struct db *db, const struct actor *actor, struct project_id project,
			struct job_id id, struct arena *a, struct err *e)
{
	size_t pending;

	if (check_job(db, actor, project, id, a, e) < 0)
		return -(int)e->code;
	return job_cancel(db, id, a, &pending, e);
}

int pipeline_play_job(struct db *db, const struct actor *actor, struct project_id project,
		      struct job_id id, const struct job_given *given, struct arena *a,
		      size_t *pending, struct err *e)
{
	*pending = 0;
	if (check_job(db, actor, project, id, a, e) < 0)
		return -(int)e->code;
	return job_play(db, id, actor->user, given, a, pending, e);
}

int pipeline_retry_job(struct db *db, const struct actor *actor, struct project_id project,
		       struct job_id id, struct arena *a, struct job_id *again, size_t *pending,
		       struct err *e)
{
	*pending = 0;
	if (check_job(db, actor, project, id, a, e) < 0)
		return -(int)e->code;
	return job_retry(db, id, actor->user, a, again, pending, e);
}

int pipeline_job_rolls_back(struct db *db, struct project_id project, struct job_id id,
			    struct arena *a, bool *rolls_back, struct str *environment,
			    struct err *e)
{
	struct q_deployment_stands_row stands = { 0 };
	struct deploy_job job;
	bool found;

	*rolls_back = false;
	*environment = STR_NONE;
	if (deploy_job_find(db, id, a, &job, &found, e) < 0)
		return -(int)e->code;
	if (!found || job.row.project_id != project.v)
		return 0;
	*environment = job.row.environment;
	if (!job.is_start)
		return 0;
	if (q_deployment_stands(db,
				&(struct q_deployment_stands_in){ project.v, job.row.environment },
				a, &stands, &found, e) < 0)
		return -(int)e->code;
	*rolls_back = found && stands.pipeline_number > job.row.pipeline_id &&
		      !str_eq(stands.sha, job.row.sha);
	return 0;
}
