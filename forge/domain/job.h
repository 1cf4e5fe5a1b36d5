/*
 * Jobs after their making: claimed by a runner, kept by a lease, ended once.
 *
 * Fence: each claim has a token of its own; whatever a runner says carries it,
 * and what comes with an old one changes nothing and says so (JOB_STALE).
 * Lease: JOB_LEASE_SECONDS from each word of the runner, by the database's
 * clock, and 15 s of grace; then the job is lost (job_lapse). An exclusive job holds an
 * environment or a resource group, which is another's as soon as it is lost: its runner
 * is told to end it by itself when the lease is over, and the grace is for that.
 *
 * Locks: pipeline, then job. Each function is its own transaction; db must not
 * be in one. `pending` counts jobs that became pending, for whoever wakes the
 * runners.
 */
#ifndef DOMAIN_JOB_H
#define DOMAIN_JOB_H

#include "ci/status.h"
#include "domain/pipeline.h"
#include "domain/runner.h"

struct live;

#define JOB_LEASE_SECONDS 60

struct job_claimed {
	struct job_id id;
	struct pipeline_id pipeline;
	struct project_id project;
	struct str name;
	struct str stage;
	struct str token;    /* glcbt-, this once */
	int32_t timeout;     /* seconds, the runner's maximum taken into account */
	struct str options;  /* JSON (ci/job_options.h) */
	struct user_id user; /* 0: none */
	double queued_seconds;
	bool is_exclusive;
};

/*
 * The best job this runner may run, now its own. Not found: there is none. The
 * order: the project with the fewest running jobs, priority, age.
 */
MUST_USE int job_claim(struct db *db, const struct runner *runner, int64_t manager, struct arena *a,
		       struct job_claimed *job, bool *found, struct err *e);

enum job_standing {
	JOB_UNKNOWN, /* no such job, or never with this token */
	JOB_HELD,    /* it is the token's; status is running or canceling */
	JOB_STALE,   /* it was, and is over */
};

struct job_held {
	enum job_standing standing;
	enum ci_status status;
	struct project_id project;
	struct pipeline_id pipeline;
	struct user_id user;
};

/* Whose word this is. Renews the lease of a job that is held. */
MUST_USE int job_heartbeat(struct db *db, struct job_id id, struct str token, struct arena *a,
			   struct job_held *held, struct err *e);

/* What a runner reports at the end. failure_reason is GitLab's word; unknown ones become
 * unknown_failure. */
struct job_report {
	bool is_success;
	struct str failure_reason;
	bool has_exit_code;
	int32_t exit_code;
};

/*
 * The end of the job, and what follows from it: a retry as its rule says, the
 * next jobs, the pipeline's state. The same report again is JOB_HELD too (the
 * runner did not hear our answer); another one after the end is JOB_STALE.
 */
MUST_USE int job_finish(struct db *db, struct job_id id, struct str token,
			const struct job_report *report, struct arena *a, struct job_held *held,
			size_t *pending, struct err *e);

/* Below pipeline_change.h, which checks rights. ERR_NOT_FOUND, or ERR_CONFLICT with the sentence if
 * its state does not allow it. */
MUST_USE int job_cancel(struct db *db, struct job_id id, struct arena *a, size_t *pending,
			struct err *e);
/* Variables that a person starts a job with; sealed with keys. */
struct secret_keys;
struct job_given {
	const struct secret_keys *keys;
	const struct ci_variables *variables;
};

/*
 * user 0: nobody in particular; given NULL: nothing. A retry has what the run before it was
 * given. A deploy job that its environment refuses fails, with the rule.
 */
MUST_USE int job_play(struct db *db, struct job_id id, struct user_id user,
		      const struct job_given *given, struct arena *a, size_t *pending,
		      struct err *e);
MUST_USE int job_retry(struct db *db, struct job_id id, struct user_id user, struct arena *a,
		       struct job_id *again, size_t *pending, struct err *e);

/*
 * For work, when the forge may have been away (it was started, the database did not answer): an
 * outage of its own ends no job, because each runner has a whole lease again to be heard.
 */
MUST_USE int job_renew_after_outage(struct db *db, int64_t *renewed, struct err *e);

/*
 * For work: ends what lost its runner, starts what waited for its time, and tells runners
 * and pages (queue_announce). Counts both.
 */
MUST_USE int job_lapse(struct db *db, struct live *live, struct arena *a, size_t *lapsed,
		       struct err *e);
MUST_USE int job_start_due(struct db *db, struct live *live, struct arena *a, size_t *started,
			   struct err *e);

#endif
