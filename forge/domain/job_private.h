/* What job.c, job_retry.c and job_lapse.c share. For them alone; all of it inside a transaction. */
#ifndef DOMAIN_JOB_PRIVATE_H
#define DOMAIN_JOB_PRIVATE_H

#include "domain/job.h"
#include "store/db.h"

#include "q/job.h"

/* A new row for a job that is over. user 0: as before. Not found: it is not the latest, or not
 * over. */
MUST_USE int job_add_retry(struct db *db, struct job_id id, struct user_id user, int32_t attempt,
			   struct arena *a, struct job_id *again, bool *found, struct err *e);

/* A failed job once more, if its `retry` says so. */
MUST_USE int job_retry_by_rule(struct db *db, struct job_id id, struct arena *a, struct err *e);

/* Jobs that were skipped for what came before them are asked again: they come after `id`. */
MUST_USE int job_reconsider_skipped(struct db *db, struct job_id id, struct arena *a,
				    struct err *e);

#endif
