/*
 * What the files of one execution share: execution.c (the way of the job),
 * process.c (a child and its output), transfer.c (artifacts). For them alone.
 */
#ifndef RUNNER_EXECUTION_PRIVATE_H
#define RUNNER_EXECUTION_PRIVATE_H

#include "base/spawn.h"
#include "runner/execution.h"
#include "runner/report.h"

#define SELF "/proc/self/exe"

struct execution {
	struct arena *arena;
	const struct execution_options *options;
	const struct job *job;
	const struct executor *executor;
	struct slot slot;
	struct cgroup group;
	struct workspace workspace;
	struct trace trace;
	struct report report;
	struct forge_client *client;
	int signals;                /* signalfd of SIGCHLD, SIGTERM, SIGINT; non-blocking */
	int64_t deadline;           /* of the job, monotonic ms */
	bool was_told_to_stop;      /* by the runner: it is going down */
	const char *failure_reason; /* NULL: none yet */
	int exit_code;
};

/* A line of the runner's own in the log. */
void execution_say(struct execution *x, const char *format, ...) PRINTF_LIKE(2, 3);
/* What a job's log says of an error of ours. */
const char *execution_sentence(const struct err *e);
/* The first reason stays. */
void execution_fail(struct execution *x, const char *reason, int exit_code);
/*
 * What may do better in a moment is tried so often: says what went wrong and waits, longer
 * after each try, and until the forge is heard again, while reports go on.
 */
#define EXECUTION_TRIES_MAX 3
void execution_pause(struct execution *x, const char *what, int tries);
/* The job is no longer ours. */
bool execution_is_aborted(const struct execution *x);

struct process {
	pid_t pid;
	int output; /* read end of its output; -1 after its end */
	bool has_ended;
	int status;
	bool is_stopping;
	bool is_killed; /* whatever is left of its grace */
	int64_t deadline;
	bool timed_out;
	bool needs_lease; /* set after process_start: it ends when the lease does (report.h) */
	bool lost_lease;
};

/* The signals that process_attend reads; a descriptor or a negative code. */
MUST_USE int process_open_signals(struct err *e);
/* Its error output, and its output unless spawn->out is set, go to the trace. */
MUST_USE int process_start(struct execution *x, struct spawn *spawn, int64_t seconds,
			   struct process *p, struct err *e);
/* Until it has ended and its output is read; reports and heartbeats go on meanwhile. */
void process_attend(struct execution *x, struct process *p);
/* While there is no process: whether the runner wants the job to end. */
void process_hear_signals(struct execution *x);
/* 128 + signal if it was killed. */
int process_exit_status(const struct process *p);
/* Copies what the trace has got since `from` to the terminal of `exec`. */
void process_show(struct execution *x, size_t from);

/* GitLab's failure_reason for what is not the job's own fault. */
extern const char execution_reason_system[];

/* Artifacts of earlier jobs into the workspace; of this job to the forge. */
void transfer_get_artifacts(struct execution *x);
void transfer_put_artifacts(struct execution *x,
			    bool (*runs_now)(const struct execution *x, enum job_when when));

#endif
