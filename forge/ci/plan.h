/*
 * The plan: the pipeline that a file makes for one context, or why it makes
 * none. Pure; everything lives in the caller's arena.
 */
#ifndef CI_PLAN_H
#define CI_PLAN_H

#include "ci/config.h"

enum ci_outcome {
	CI_CREATED,
	CI_NO_PIPELINE, /* rules leave no job; message says which */
	CI_ERROR,       /* the file is not valid; message and mark say what and where */
};

/* What the jobs hold together: aliases and extends can repeat a text as often as they like. */
#define CI_PLAN_BYTES_MAX (8u * 1024 * 1024)
/* As JSON at most six times as much: what a row of a job may hold (domain/pipeline.c). */
#define CI_JOB_BYTES_MAX (600u * 1024)

struct ci_plan_job {
	const struct ci_job *config;
	size_t stage; /* index into plan->stages */
	enum ci_when when;
	int64_t start_in;
	struct ci_allow_failure allow_failure; /* value is CI_YES or CI_NO */
	bool interruptible;
	struct ci_needs needs;         /* those that are in the pipeline */
	struct ci_texts artifacts_of;  /* the jobs whose artifacts it gets */
	struct ci_texts tags;          /* expanded */
	struct str environment_name;   /* expanded; none without environment */
	struct str resource_group;     /* expanded */
	struct ci_variables variables; /* global < workflow rule < job < rule, unexpanded */
};

struct ci_plan {
	enum ci_outcome outcome;
	struct ci_problem problem; /* of an error; of no pipeline only the text */
	struct ci_problems warnings;
	struct str name; /* of workflow:name, expanded; none if there is none */
	enum ci_auto_cancel on_new_commit;
	bool cancels_on_job_failure;
	struct ci_texts stages;   /* those that have jobs, in order */
	struct ci_plan_job *jobs; /* by stage, then in the order of the file */
	size_t job_count;
};

/*
 * file names the text in messages; includes are read through context->repository.
 * Fails only for what is no fault of the file (the repository cannot be read);
 * a bad file is an outcome.
 */
MUST_USE int ci_plan(struct arena *a, struct str file, struct str text,
		     const struct ci_context *context, struct ci_plan *plan, struct err *e);

/*
 * The file alone, whatever the context: an outcome of CI_CREATED says that it is
 * valid, and the plan has no jobs. The context serves includes and their rules.
 */
MUST_USE int ci_lint(struct arena *a, struct str file, struct str text,
		     const struct ci_context *context, struct ci_plan *plan, struct err *e);

/* The variables CI_JOB_NAME, CI_JOB_STAGE, ... that a job adds at creation. */
void ci_plan_job_variables(struct arena *a, const struct ci_job *job,
			   struct ci_variables *variables);

#endif
