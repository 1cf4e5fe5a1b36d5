/* A job's time has come: it waits for a runner, or ends for a reason. */
#include "domain/deploy_job.h"
#include "domain/job_private.h"

int job_refuse(struct db *db, struct job_id id, enum ci_status from,
	       const struct deploy_judgement *judgement, struct err *e)
{
	bool is_failed = judgement->verdict == DEPLOY_FAILS;

	ASSERT(judgement->verdict != DEPLOY_GOES);
	return q_job_refuse(
		db,
		&(struct q_job_refuse_in){ .id = id.v,
					   .from_status = str_c(ci_status_name(from)),
					   .status = is_failed ? STR("failed") : STR("skipped"),
					   .failure_reason = judgement->reason,
					   .failure_message = judgement->message },
		NULL, e);
}

static int judge(struct db *db, struct job_id id, struct arena *a,
		 struct deploy_judgement *judgement, struct err *e)
{
	struct deploy_job job;
	bool found;

	*judgement = (struct deploy_judgement){ .verdict = DEPLOY_GOES };
	if (deploy_job_find(db, id, a, &job, &found, e) < 0)
		return -(int)e->code;
	return found ? deploy_job_judge(db, &job, a, judgement, e) : 0;
}

int job_enqueue(struct db *db, struct job_id id, enum ci_status from, struct arena *a,
		enum ci_status *status, struct err *e)
{
	struct deploy_judgement judgement;
	struct q_job_set_status_in in = { .id = id.v,
					  .from_status = str_c(ci_status_name(from)),
					  .status = STR("pending") };

	if (judge(db, id, a, &judgement, e) < 0)
		return -(int)e->code;
	*status = CI_STATUS_PENDING;
	if (judgement.verdict == DEPLOY_GOES)
		return q_job_set_status(db, &in, NULL, e);
	*status = judgement.verdict == DEPLOY_FAILS ? CI_STATUS_FAILED : CI_STATUS_SKIPPED;
	if (job_refuse(db, id, from, &judgement, e) < 0)
		return -(int)e->code;
	return job_cancel_others(db, id, e);
}

int job_count_waiters(struct db *db, struct job_id id, bool is_exclusive, struct arena *a,
		      size_t *count, struct err *e)
{
	struct q_job_waiters_row row = { 0 };

	*count = 0;
	if (!is_exclusive)
		return 0;
	if (q_job_waiters(db, &(struct q_job_waiters_in){ id.v }, a, &row, e) < 0)
		return -(int)e->code;
	*count = (size_t)row.count;
	return 0;
}

int job_cancel_others(struct db *db, struct job_id id, struct err *e)
{
	return q_job_cancel_others(db, &(struct q_job_cancel_others_in){ id.v }, NULL, e);
}
