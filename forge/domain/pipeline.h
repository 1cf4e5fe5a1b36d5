/*
 * Pipelines: a plan (ci/plan.h) becomes rows, and every change of a job is
 * followed to its end: which other jobs start, wait for a person or are
 * skipped, and what the pipeline's state is now. All of it happens in the
 * transaction of the change, under the pipeline's lock.
 */
#ifndef DOMAIN_PIPELINE_H
#define DOMAIN_PIPELINE_H

#include "base/arena.h"
#include "base/err.h"
#include "ci/context.h"
#include "ci/plan.h"
#include "ci/status.h"
#include "domain/types.h"

struct db;

#define PIPELINE_TIMEOUT_DEFAULT 3600

struct pipeline_new {
	struct project_id project;
	int64_t push_id; /* 0: not from a push */
	enum ci_pipeline_source source;
	struct str ref;      /* in full */
	struct str ref_name; /* as CI_COMMIT_REF_NAME */
	bool is_tag;
	struct str sha;
	struct str before_sha; /* none: zeros */
	struct user_id user;   /* 0: the system */
	struct str source_sha; /* sha is what merging this into target_sha gives; none: it is not */
	struct str target_sha;
	bool is_protected; /* the ref is; its jobs may then see protected variables */
	bool is_skipped;   /* recorded without jobs, because the push asked for it */
};

struct pipeline_made {
	struct pipeline_id id;
	int64_t iid;
	enum ci_status status;
	size_t pending; /* jobs that wait for a runner now */
};

/*
 * Joins the caller's transaction, or is one. plan->outcome is CI_CREATED, or
 * CI_ERROR: then the pipeline has no jobs, has failed, and tells why and where.
 * A skipped one has no jobs either, whatever the plan.
 * ERR_CONFLICT: this push has a pipeline for this ref and source already.
 */
MUST_USE int pipeline_create(struct db *db, const struct pipeline_new *in,
			     const struct ci_plan *plan, struct arena *a,
			     struct pipeline_made *made, struct err *e);

/* In a transaction: the first thing that anyone does who changes a pipeline's jobs. */
MUST_USE int pipeline_lock(struct db *db, struct pipeline_id id, struct arena *a, bool *found,
			   enum ci_status *status, struct err *e);
/* *found false also if somebody else holds it: for who has something else to do meanwhile. */
MUST_USE int pipeline_try_lock(struct db *db, struct pipeline_id id, struct arena *a, bool *found,
			       enum ci_status *status, struct err *e);

/*
 * In a transaction that holds the lock: takes every step that the jobs' states
 * now allow, and writes the pipeline's state if it changed. was: what
 * pipeline_lock said. *pending counts the jobs that became pending: somebody
 * should tell the runners after the commit.
 */
MUST_USE int pipeline_advance(struct db *db, struct pipeline_id id, enum ci_status was,
			      struct arena *a, size_t *pending, struct err *e);

#endif
