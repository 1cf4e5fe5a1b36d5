/*
 * Starting a program by fork and exec, or a function by fork alone, with chosen descriptors, user
 * and environment. For single-threaded processes (supervisor, CLI): between fork and exec it does
 * more than a thread may.
 *
 * The child gets default signal handlers and an empty signal mask. Descriptors other than
 * 0, 1, 2 and `keep` are closed.
 */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

struct spawn {
	const char *program;        /* absolute path; NULL: argv[0] */
	const char *const *argv;    /* ends with NULL */
	int (*body)(void *closure); /* instead of a program: its result is the exit status */
	void *closure;
	const char *const *environment; /* "NAME=value", ends with NULL; NULL: as ours */
	int in, out, err;               /* -1: /dev/null */
	const int *keep;                /* become 3, 4, ... in this order (LISTEN_FDS) */
	size_t keep_count;
	bool changes_user; /* to uid and gid, and no other groups */
	uid_t uid;
	gid_t gid;
	int death_signal;   /* sent to the child when this process dies; 0: none */
	const char *folder; /* working directory; NULL: "/" */
	bool is_own_group;  /* its own process group: Ctrl-C of the terminal does not reach it */
};

/*
 * ERR_NOT_FOUND if there is no such program. An environment entry "LISTEN_PID=" is completed
 * with the child's pid.
 */
MUST_USE int spawn_start(const struct spawn *s, pid_t *pid, struct err *e);

/* Waits; ERR_INTERNAL "<what> ended with status 3" or "... was killed by signal 9". */
MUST_USE int spawn_wait(pid_t pid, const char *what, struct err *e);

/*
 * Runs to the end, with `input` on standard input. What it says on standard output
 * and error (the first 64 KiB together) goes to *output, and its last line into the error text.
 */
MUST_USE int spawn_run(const struct spawn *s, const char *what, struct str input, struct arena *a,
		       struct str *output, struct err *e);

#endif
