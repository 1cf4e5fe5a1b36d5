/*
 * The one place that starts git. Always the same program, a fixed environment,
 * one configuration file written by Hearth; never a shell, a hook, a user's or
 * the system's configuration, an editor, a pager or the network.
 *
 * Runs inside an operation (roles/git_*), whose limits, sandbox and process
 * group the child inherits: killing the operation's group kills it too.
 *
 * Errors: starting fails with ERR_INTERNAL. That git exits with a status is not
 * an error here; the caller knows what it means.
 * Threads: any; but operations have only one.
 */
#ifndef GIT_PROCESS_H
#define GIT_PROCESS_H

#include "base/arena.h"
#include "base/buf.h"

#include <sys/types.h>

#define GIT_FD_NULL (-1) /* /dev/null */
#define GIT_FD_PIPE (-2) /* a pipe; our end is in struct git_process */

struct git_command {
	const char *config_path; /* written by git_config_write */
	const char *repo_path;
	const char *const *args; /* { "index-pack", "--stdin", NULL } */
	const char *quarantine;  /* NULL, or the folder new objects go to (objects/incoming-x) */
	const char *protocol;    /* NULL or "version=2": GIT_PROTOCOL */
	int in;
	int out;
	int err;
	int keep; /* one more descriptor it inherits (a lock), or -1 */
};

struct git_process {
	pid_t pid;
	int in; /* our ends of the pipes, else -1 */
	int out;
	int err;
};

/* Writes the global configuration all git children read. Durable, atomic. */
MUST_USE int git_config_write(const char *path, struct err *e);

MUST_USE int git_process_start(const struct git_command *command, struct git_process *p,
			       struct err *e);
/* Closes our ends, waits. *status: the exit status, or 128 + the signal. */
MUST_USE int git_process_wait(struct git_process *p, int *status, struct err *e);
/* Kills and reaps; for errors on the way. A process that is not running is fine. */
void git_process_abandon(struct git_process *p);

struct git_result {
	int status;
	struct str out; /* up to `limit` bytes each; more is read and dropped */
	struct str err;
	bool is_cut;
};

/*
 * Start, feed input, read everything, wait. The command's in, out, err are
 * ignored (pipes). Results live in the arena.
 */
MUST_USE int git_run(const struct git_command *command, struct str input, size_t limit,
		     struct arena *a, struct git_result *result, struct err *e);

/*
 * As git_run; a status other than 0 is ERR_INTERNAL (for want of room: ERR_DISK_FULL)
 * "<what>: <first line of stderr>".
 */
MUST_USE int git_run_ok(const struct git_command *command, const char *what, struct str input,
			size_t limit, struct arena *a, struct git_result *result, struct err *e);

/* What git complained about (its stderr) is that the disk is full. */
bool git_has_no_room(struct str complaint);

#endif
