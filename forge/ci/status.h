/*
 * States of jobs and what they make of stages and pipelines. Pure: rows in,
 * decisions out; the caller writes them by compare-and-set.
 * Source: gitlab-compat 2.7 ("Status of a job", "composite"), 2.8.
 */
#ifndef CI_STATUS_H
#define CI_STATUS_H

#include "ci/rules.h"

/* X(name in C, name in SQL, API and pages) */
#define CI_STATUSES(X)                                  \
	X(CREATED, "created")                           \
	X(WAITING_FOR_RESOURCE, "waiting_for_resource") \
	X(PREPARING, "preparing")                       \
	X(PENDING, "pending")                           \
	X(RUNNING, "running")                           \
	X(CANCELING, "canceling")                       \
	X(SUCCESS, "success")                           \
	X(FAILED, "failed")                             \
	X(CANCELED, "canceled")                         \
	X(SKIPPED, "skipped")                           \
	X(MANUAL, "manual")                             \
	X(SCHEDULED, "scheduled")

enum ci_status {
#define CI_STATUS_ENUM(name, word) CI_STATUS_##name,
	CI_STATUSES(CI_STATUS_ENUM)
#undef CI_STATUS_ENUM
};

const char *ci_status_name(enum ci_status status);
MUST_USE bool ci_status_parse(struct str name, enum ci_status *status);

/* success, failed, canceled, skipped: nothing follows by itself. */
bool ci_status_is_complete(enum ci_status status);
/* waiting_for_resource, preparing, pending, running, canceling. */
bool ci_status_is_active(enum ci_status status);

struct ci_job_state {
	enum ci_status status;
	bool allow_failure; /* exit codes already taken into account */
	size_t stage;
	enum ci_when when;
	bool has_needs;      /* then it goes by needs, even if there are none, not by stages */
	const size_t *needs; /* positions in the same array */
	size_t needs_count;
};

/* The state that jobs have together; of no jobs: success. */
enum ci_status ci_status_of_pipeline(const struct ci_job_state *jobs, size_t count);
enum ci_status ci_status_of_stage(const struct ci_job_state *jobs, size_t count, size_t stage);

enum ci_step {
	CI_STEP_NONE,
	CI_STEP_ENQUEUE,  /* created -> pending (or waiting_for_resource, which is the caller's) */
	CI_STEP_MANUAL,   /* created -> manual */
	CI_STEP_SCHEDULE, /* created -> scheduled */
	CI_STEP_SKIP,     /* created -> skipped */
};

/*
 * What happens to every job that is `created`, given the others; steps that
 * follow from steps included. steps has `count` items; the states in jobs are
 * advanced along. Says whether any step was taken.
 */
bool ci_status_advance(struct ci_job_state *jobs, size_t count, enum ci_step *steps);

#endif
