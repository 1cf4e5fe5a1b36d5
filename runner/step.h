/*
 * One step's processes, from the first to the last. A step is a process of its
 * own, forked by the job's ("hearth-step"): child subreaper of everything the step starts, however
 * it daemonises. It ends only when nothing of the step is left.
 *
 * SIGTERM (also sent by the kernel when the job process dies): TERM to all,
 * grace seconds, KILL to all. SIGQUIT: KILL to all, now.
 */
#ifndef RUNNER_STEP_H
#define RUNNER_STEP_H

#include "base/err.h"

#include <sys/types.h>

struct step {
	char **argv;       /* absolute; ends with NULL */
	bool changes_user; /* to uid and gid (as root) */
	uid_t uid;
	gid_t gid;
	int grace;         /* seconds between TERM and KILL */
	const char *group; /* the control group of the job (cgroup.h); NULL: none */
};

/*
 * Runs in the calling process, which must be single-threaded and have no other
 * children. Returns the shell's exit status (128 + signal if it was killed),
 * or a negative code if it could not be started.
 */
MUST_USE int step_run(const struct step *step, struct err *e);

#endif
