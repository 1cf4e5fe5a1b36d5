/* What job.c, job_retry.c and job_lapse.c share. For them alone; all of it inside a transaction. */
#ifndef DOMAIN_JOB_PRIVATE_H
#define DOMAIN_JOB_PRIVATE_H

#include "domain/job.h"
#include "store/db.h"

#include "q/job.h"

struct job_again {
	struct user_id user; /* 0: as before */
	int32_t attempt;
	bool is_deliberate; /* a person wants this very job */
};

/* A new row for a job that is over. Not found: it is not the latest, or not over. */
MUST_USE int job_add_retry(struct db *db, struct job_id id, const struct job_again *how,
			   struct arena *a, struct job_id *again, bool *found, struct err *e);

/* A failed job once more, if its `retry` says so. */
MUST_USE int job_retry_by_rule(struct db *db, struct job_id id, struct arena *a, struct err *e);

/* Jobs that were skipped for what came before them are asked again: they come after `id`. */
MUST_USE int job_reconsider_skipped(struct db *db, struct job_id id, struct arena *a,
				    struct err *e);

/*
 * Its time has come: from `from` to pending, or, if its environment does not
 * take it, to failed or skipped with the sentence. *status: what it is now.
 */
MUST_USE int job_enqueue(struct db *db, struct job_id id, enum ci_status from, struct arena *a,
			 enum ci_status *status, struct err *e);

struct deploy_judgement;
/* From created, pending, manual or scheduled to what the judgement says. */
MUST_USE int job_refuse(struct db *db, struct job_id id, enum ci_status from,
			const struct deploy_judgement *judgement, struct err *e);

/* How many jobs wait for what this one held; 0 at once unless is_exclusive. */
MUST_USE int job_count_waiters(struct db *db, struct job_id id, bool is_exclusive, struct arena *a,
			       size_t *count, struct err *e);

/* After a failure that is final: the others of its pipeline end, if its file says so. */
MUST_USE int job_cancel_others(struct db *db, struct job_id id, struct err *e);

#endif
