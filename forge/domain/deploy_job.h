/*
 * A job that names an environment, on its way: may it start, what begins when a
 * runner takes it, what follows when it ends. For the files of domain/ that
 * change jobs; each function inside their transaction, under the pipeline's lock.
 *
 *	deploy_job_find -> deploy_job_judge -> deploy_job_begin ... deploy_job_lock ->
 *deploy_job_settle
 *
 * Locks: environment, then deployment, then job; deploy_job_begin and
 * deploy_job_lock take the first of them.
 */
#ifndef DOMAIN_DEPLOY_JOB_H
#define DOMAIN_DEPLOY_JOB_H

#include "ci/status.h"
#include "domain/environment.h"
#include "store/db.h"

#include "q/deployment.h"

struct deploy_job {
	struct job_id id;
	struct q_deploy_job_row row;
	bool is_start; /* it deploys */
	bool is_stop;
};

/* Not found: the job names no environment. */
MUST_USE int deploy_job_find(struct db *db, struct job_id id, struct arena *a,
			     struct deploy_job *job, bool *found, struct err *e);

enum deploy_verdict { DEPLOY_GOES, DEPLOY_FAILS, DEPLOY_SKIPS };

struct deploy_judgement {
	enum deploy_verdict verdict;
	struct str reason; /* GitLab's word; none if it goes */
	struct str message;
};

/* The path's rule, the name's, and the order of deployments. */
MUST_USE int deploy_job_judge(struct db *db, const struct deploy_job *job, struct arena *a,
			      struct deploy_judgement *judgement, struct err *e);

/*
 * A runner takes it. *is_taken: another deployment runs there, and the
 * transaction has failed; else the row is there.
 */
MUST_USE int deploy_job_begin(struct db *db, const struct deploy_job *job, struct arena *a,
			      bool *is_taken, struct err *e);

/*
 * Where the deployment of this job will be seen, with its variables put in; what
 * is no web address is not noted. Outside of transactions, once it was claimed.
 */
MUST_USE int deploy_job_note_url(struct db *db, struct job_id id, struct str url, struct err *e);

struct deploy_lock {
	bool has; /* there is an environment, now locked */
	struct environment_id environment;
};

/* Before the job's row is changed. */
MUST_USE int deploy_job_lock(struct db *db, struct job_id id, struct arena *a,
			     struct deploy_lock *lock, struct err *e);
/* After it: the job is over as `status` says. */
MUST_USE int deploy_job_settle(struct db *db, const struct deploy_lock *lock, struct job_id id,
			       enum ci_status status, struct arena *a, struct err *e);

#endif
