/*
 * Shell text for the steps of a job. The only place that quotes for a shell:
 * every value goes through script_quote. The shell is bash where there is one,
 * else sh; the text keeps to what both know.
 * Source: gitlab-compat 1.5 (variables), 3.4 (expansion by the runner).
 */
#ifndef RUNNER_SCRIPT_H
#define RUNNER_SCRIPT_H

#include "base/buf.h"
#include "runner/job.h"

#define SCRIPT_MAX (8u * 1024 * 1024)

struct script_place {
	const char *builds;  /* CI_BUILDS_DIR */
	const char *project; /* CI_PROJECT_DIR */
	const char *files;   /* folder of file variables */
	int slot;            /* CI_CONCURRENT_ID */
	const char *bundle;  /* exec: fetched from instead of the job's URL; NULL otherwise */
};

/* 'value', with quotes inside made safe. */
void script_quote(struct buf *out, struct str value);

/* The value as a shell of the job would see it: $NAME of the job's variables replaced. */
struct str script_expand(struct arena *a, const struct job *job, const struct script_place *place,
			 struct str value);

/* "user:password" of the repository's URL as a header has it, to be masked too; none if it has
 * none. */
struct str script_basic_credentials(struct arena *a, const struct job *job);

/*
 * Each of these gives a whole script: variables, cd, commands.
 * job_status is CI_JOB_STATUS: running, success, failed, canceled.
 */
MUST_USE int script_sources(struct arena *a, const struct job *job,
			    const struct script_place *place, struct buf *out, struct err *e);
void script_commands(struct arena *a, const struct job *job, const struct script_place *place,
		     const struct job_step *step, const char *job_status, struct buf *out);

#endif
