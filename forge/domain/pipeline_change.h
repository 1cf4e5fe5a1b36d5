/*
 * What people and time do to pipelines and their jobs: cancel, retry, play,
 * delete. The door for pages and API: each function finds the row through its
 * project, checks the right (pipeline_right.h: PIPELINE_RUN, and on a protected
 * ref the right to push or merge), acts in one transaction and says in *pending
 * how many jobs became pending, for whoever wakes the runners (queue.h).
 * job.h is what is below: the same acts without the right.
 *
 * Errors: ERR_NOT_FOUND ("404 Pipeline Not Found", "404 Job Not Found"),
 * ERR_FORBIDDEN with the rule, ERR_CONFLICT with the sentence when the state
 * does not allow it. db must not be in a transaction.
 * Threads: those of db.
 */
#ifndef DOMAIN_PIPELINE_CHANGE_H
#define DOMAIN_PIPELINE_CHANGE_H

#include "base/list.h"
#include "domain/actor.h"
#include "domain/job.h"

struct live;

/* Every job that is not over. Running ones are told to end (canceling). */
MUST_USE int pipeline_cancel(struct db *db, const struct actor *actor, struct project_id project,
			     struct pipeline_id id, struct arena *a, struct err *e);

/*
 * Every latest job that failed or was canceled once more, and what was skipped
 * for it anew. ERR_CONFLICT: there is none.
 */
MUST_USE int pipeline_retry_whole(struct db *db, const struct actor *actor,
				  struct project_id project, struct pipeline_id id, struct arena *a,
				  size_t *pending, struct err *e);

/*
 * Jobs, their traces and artifacts with it. PIPELINE_REMOVE. ERR_CONFLICT while
 * a job runs, or while an environment stands on it.
 */
MUST_USE int pipeline_remove(struct db *db, const struct actor *actor, struct project_id project,
			     struct pipeline_id id, struct arena *a, struct err *e);

MUST_USE int pipeline_cancel_job(struct db *db, const struct actor *actor,
				 struct project_id project, struct job_id id, struct arena *a,
				 struct err *e);
/* A manual job, or a delayed one before its time; given: NULL, or variables for it. */
MUST_USE int pipeline_play_job(struct db *db, const struct actor *actor, struct project_id project,
			       struct job_id id, const struct job_given *given, struct arena *a,
			       size_t *pending, struct err *e);
/*
 * A deploy job that is retried while something newer stands in its environment
 * is a rollback: ask the person first (pipeline_job_rolls_back).
 */
MUST_USE int pipeline_retry_job(struct db *db, const struct actor *actor, struct project_id project,
				struct job_id id, struct arena *a, struct job_id *again,
				size_t *pending, struct err *e);

/*
 * Whether playing or retrying this job would replace what a later pipeline
 * deployed; *environment: where.
 */
MUST_USE int pipeline_job_rolls_back(struct db *db, struct project_id project, struct job_id id,
				     struct arena *a, bool *rolls_back, struct str *environment,
				     struct err *e);

/*
 * For the event handler of a new pipeline: cancels what it makes redundant of
 * the older pipelines of its ref, as each says in workflow:auto_cancel. Their ids.
 */
MUST_USE int pipeline_cancel_redundant(struct db *db, struct pipeline_id by, struct arena *a,
				       struct i64_list *canceled, struct err *e);

/* For work: ends jobs that no runner took for JOB_PENDING_HOURS, and tells of it. Counts them. */
#define JOB_PENDING_HOURS 24
MUST_USE int pipeline_drop_stuck(struct db *db, struct live *live, struct arena *a, size_t *dropped,
				 struct err *e);

#endif
