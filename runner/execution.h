/*
 * One job from its payload to its report: the body of `hearth-runner job`, a
 * process of its own with one thread. README.md has the states.
 */
#ifndef RUNNER_EXECUTION_H
#define RUNNER_EXECUTION_H

#include "base/log.h"
#include "runner/config.h"
#include "runner/executor.h"
#include "runner/forge_client.h"
#include "runner/trace.h"

struct execution;

/* Where a job's log and result go besides, or instead of, the forge. */
struct execution_options {
	const struct runner_config *config;
	const struct registration *registration;
	const struct log *log;
	int copy_to;             /* -1, or a descriptor that gets the log as it comes (exec) */
	bool is_offline;         /* exec: nothing is told to any forge */
	const char *bundle;      /* exec: the sources, on the file system of builds_dir */
	const char *cgroup_root; /* cgroup.h; NULL: none */
};

enum execution_result {
	EXECUTION_SUCCESS,
	EXECUTION_FAILED,
	EXECUTION_ABORTED, /* the forge gave the job to somebody else, or cancelled it */
};

/* Runs to the end and reports. Fails only for what hinders the report itself. */
MUST_USE int execution_run(struct arena *a, const struct execution_options *options,
			   const struct job *job, enum execution_result *result, struct err *e);

#endif
