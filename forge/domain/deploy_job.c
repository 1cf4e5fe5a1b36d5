#include "domain/deploy_job.h"

#include "base/jsonr.h"
#include "domain/deployment.h"
#include "domain/event.h"
#include "domain/promotion.h"

#include "q/environment.h"

#define URL_MAX 2000
#define SHORT_SHA 8

int deploy_job_find(struct db *db, struct job_id id, struct arena *a, struct deploy_job *job,
		    bool *found, struct err *e)
{
	*job = (struct deploy_job){ .id = id };
	if (q_deploy_job(db, &(struct q_deploy_job_in){ id.v }, a, &job->row, found, e) < 0)
		return -(int)e->code;
	if (*found) {
		job->is_start = str_eq_c(job->row.action, "start");
		job->is_stop = str_eq_c(job->row.action, "stop");
	}
	return 0;
}

/* ------------------------------------------------------------------------ may it start */

static void fails(struct deploy_judgement *judgement, const char *reason, const struct err *why,
		  struct arena *a)
{
	*judgement = (struct deploy_judgement){ .verdict = DEPLOY_FAILS,
						.reason = str_c(reason),
						.message = arena_fmt(a, "%s", why->text) };
}

/* A later pipeline was quicker, and nobody asked for this one. */
static int judge_order(struct db *db, const struct deploy_job *job, struct arena *a,
		       struct deploy_judgement *judgement, struct err *e)
{
	const struct q_deploy_job_row *row = &job->row;
	struct q_deployment_newer_row newer = { 0 };
	bool is_same_ref;
	bool found;

	if (q_deployment_newer(db,
			       &(struct q_deployment_newer_in){ .project_id = row->project_id,
								.environment = row->environment,
								.pipeline_number = row->pipeline_id,
								.ref = row->ref },
			       a, &newer, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	is_same_ref = str_eq(newer.ref, row->ref);
	*judgement = (struct deploy_judgement){
		.verdict = is_same_ref ? DEPLOY_FAILS : DEPLOY_SKIPS,
		.reason = is_same_ref ? STR("failed_outdated_deployment_job") : STR_NONE,
		.message = arena_fmt(
			a,
			"The later pipeline #%lld (commit %.*s of %.*s) was deployed to "
			"%.*s first; an older one does not replace it by itself. To "
			"bring this one back, retry this job.",
			(long long)newer.pipeline_number, STR_FMT(str_upto(newer.sha, SHORT_SHA)),
			STR_FMT(str_upto(newer.ref_name, 100)),
			STR_FMT(str_upto(row->environment, 100))),
	};
	return 0;
}

int deploy_job_judge(struct db *db, const struct deploy_job *job, struct arena *a,
		     struct deploy_judgement *judgement, struct err *e)
{
	const struct q_deploy_job_row *row = &job->row;
	struct err why = { 0 };

	*judgement = (struct deploy_judgement){ .verdict = DEPLOY_GOES };
	if (environment_check_name(row->environment, &why) < 0) {
		fails(judgement, "environment_creation_failure", &why, a);
		return 0;
	}
	if (promotion_check(row->default_branch, row->environment, row->ref, &why) < 0) {
		fails(judgement, "protected_environment_failure", &why, a);
		return 0;
	}
	if (!job->is_start || row->is_deliberate)
		return 0;
	return judge_order(db, job, a, judgement, e);
}

/* ------------------------------------------------------------------------ the beginning */

static int kind_of(struct db *db, const struct deploy_job *job,
		   const struct q_deployment_current_row *current, struct arena *a,
		   enum deployment_kind *kind, struct err *e)
{
	const struct q_deploy_job_row *row = &job->row;
	struct q_deployment_is_older_row older = { 0 };

	if (q_deployment_is_older(db,
				  &(struct q_deployment_is_older_in){ .project_id = row->project_id,
								      .ref = row->ref,
								      .sha = row->sha,
								      .than_sha = current->sha },
				  a, &older, e) < 0)
		return -(int)e->code;
	if (str_eq(current->sha, row->sha))
		*kind = DEPLOYMENT_REDEPLOY;
	else if (older.is_older ||
		 (row->is_deliberate && row->pipeline_id < current->pipeline_number))
		*kind = DEPLOYMENT_ROLLBACK;
	else
		*kind = DEPLOYMENT_DEPLOY;
	return 0;
}

static int add_deployment(struct db *db, const struct deploy_job *job, int64_t environment,
			  struct arena *a, struct err *e)
{
	const struct q_deploy_job_row *row = &job->row;
	const struct q_deployment_add_artifacts_in artifacts = { job->id.v };
	struct q_deployment_current_row current = { 0 };
	struct q_deployment_next_iid_row next = { 0 };
	enum deployment_kind kind = DEPLOYMENT_DEPLOY;
	struct q_deployment_add_in in;
	bool found;

	if (q_deployment_current(db, &(struct q_deployment_current_in){ environment }, a, &current,
				 &found, e) < 0 ||
	    (found && kind_of(db, job, &current, a, &kind, e) < 0) ||
	    q_deployment_next_iid(db, &(struct q_deployment_next_iid_in){ row->project_id }, a,
				  &next, e) < 0)
		return -(int)e->code;
	in = (struct q_deployment_add_in){ .project_id = row->project_id,
					   .iid = next.iid,
					   .environment_id = environment,
					   .pipeline_id = row->pipeline_id,
					   .job_id = job->id.v,
					   .ref = row->ref,
					   .ref_name = row->ref_name,
					   .is_tag = row->is_tag,
					   .sha = row->sha,
					   .replaced_sha = found ? current.sha : STR_NONE,
					   .kind = str_c(deployment_kind_name(kind)),
					   .has_user_id = row->has_user_id,
					   .user_id = row->user_id };
	if (q_deployment_add(db, &in, NULL, e) < 0)
		return -(int)e->code;
	return q_deployment_add_artifacts(db, &artifacts, NULL, e);
}

int deploy_job_begin(struct db *db, const struct deploy_job *job, struct arena *a, bool *is_taken,
		     struct err *e)
{
	const struct q_deploy_job_row *row = &job->row;
	struct q_environment_touch_row environment = { 0 };
	struct q_environment_touch_in touch = {
		.project_id = row->project_id,
		.name = row->environment,
		.slug = environment_slug(a, row->environment),
		.tier = str_c(environment_tier_name(environment_tier_guess(row->environment))),
	};

	*is_taken = false;
	if (q_environment_touch(db, &touch, a, &environment, e) < 0)
		return -(int)e->code;
	if (job->is_stop)
		return q_environment_set_state(
			db,
			&(struct q_environment_set_state_in){ .id = environment.id,
							      .state = STR("stopping") },
			NULL, e);
	if (!job->is_start || add_deployment(db, job, environment.id, a, e) == 0)
		return 0;
	*is_taken = db_violated(db, "deployment_one_at_a_time");
	return -(int)e->code;
}

/* ------------------------------------------------------------------------ the end */

int deploy_job_lock(struct db *db, struct job_id id, struct arena *a, struct deploy_lock *lock,
		    struct err *e)
{
	struct q_environment_lock_of_job_row row = { 0 };

	*lock = (struct deploy_lock){ 0 };
	if (q_environment_lock_of_job(db, &(struct q_environment_lock_of_job_in){ id.v }, a, &row,
				      &lock->has, e) < 0)
		return -(int)e->code;
	lock->environment.v = row.id;
	return 0;
}

int deploy_job_note_url(struct db *db, struct job_id id, struct str url, struct err *e)
{
	if (url.n > URL_MAX ||
	    !(str_starts_nocase(url, STR("https://")) || str_starts_nocase(url, STR("http://"))))
		return 0;
	return q_deployment_set_url(
		db, &(struct q_deployment_set_url_in){ .job_id = id.v, .external_url = url }, NULL,
		e);
}

/* The environment's ref follows what stands there. */
static int follow(struct db *db, const struct deploy_job *job, const struct deploy_lock *lock,
		  struct err *e)
{
	const struct project_id project = { job->row.project_id };

	return event_add(db, EVENT_ENVIRONMENT, project, lock->environment.v, e);
}

static int arrive(struct db *db, const struct deploy_lock *lock, const struct deploy_job *job,
		  struct arena *a, struct err *e)
{
	struct q_environment_arrive_in in = { .id = lock->environment.v, .job_id = job->id.v };
	const struct jsonr *options = NULL;
	enum environment_tier tier;
	int64_t seconds = 0;

	if (jsonr_parse(a, job->row.options, &options, e) < 0)
		return -(int)e->code;
	in.tier = jsonr_text(jsonr_get(options, "environment_tier"));
	if (!environment_tier_parse(in.tier, &tier))
		in.tier = STR_NONE;
	(void)jsonr_integer(jsonr_get(options, "auto_stop_in"), &seconds);
	in.has_auto_stop_seconds = seconds > 0;
	in.auto_stop_seconds = seconds;
	if (q_environment_arrive(db, &in, NULL, e) < 0)
		return -(int)e->code;
	return follow(db, job, lock, e);
}

static int settle_stop(struct db *db, const struct deploy_lock *lock, const struct deploy_job *job,
		       enum ci_status status, struct err *e)
{
	bool is_stopped = status == CI_STATUS_SUCCESS;
	struct q_environment_set_state_in in = { .id = lock->environment.v,
						 .state = is_stopped ? STR("stopped")
								     : STR("available") };

	if (q_environment_set_state(db, &in, NULL, e) < 0)
		return -(int)e->code;
	return is_stopped ? follow(db, job, lock, e) : 0;
}

int deploy_job_settle(struct db *db, const struct deploy_lock *lock, struct job_id id,
		      enum ci_status status, struct arena *a, struct err *e)
{
	struct deploy_job job;
	bool found;

	if (!lock->has || !ci_status_is_complete(status))
		return 0;
	if (deploy_job_find(db, id, a, &job, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return 0;
	if (job.is_stop)
		return settle_stop(db, lock, &job, status, e);
	if (!job.is_start)
		return 0;
	if (q_deployment_settle(db,
				&(struct q_deployment_settle_in){
					.job_id = id.v, .status = str_c(ci_status_name(status)) },
				NULL, e) < 0)
		return -(int)e->code;
	return status == CI_STATUS_SUCCESS ? arrive(db, lock, &job, a, e) : 0;
}
