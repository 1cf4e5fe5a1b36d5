/*
 * How a step's shell is started. An executor gives the command line; step.h
 * runs it and ends it.
 *
 *	shell       the host as it is, as the slot's own user; needs root
 *	bubblewrap  own user, process, mount and IPC namespaces, the host's /usr read-only,
 *	            nothing of the host's files but the workspace; the network is shared
 */
#ifndef RUNNER_EXECUTOR_H
#define RUNNER_EXECUTOR_H

#include "runner/workspace.h"

struct executor {
	const char *name;
	bool needs_own_user; /* refuses to run as the user of the runner itself */
	bool runs_images;
	/* An argv in the arena, ending with NULL. */
	MUST_USE int (*command)(struct arena *a, const struct workspace *w, const struct slot *slot,
				char ***argv, struct err *e);
};

/* NULL if there is none of that name. */
const struct executor *executor_find(struct str name);
/* "shell, bubblewrap" for messages. */
const char *executor_names(void);

/* ERR_FORBIDDEN with the reason and what to do, if it may not run here. */
MUST_USE int executor_check(const struct executor *executor, struct err *e);

#endif
