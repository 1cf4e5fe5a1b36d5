/*
 * Control groups (version 2): every process of a job is in one group, however
 * it forks or leaves its session, so that the kernel itself can end them all
 * at once and count what they use. Groups are made below a root:
 *
 *	ROOT/runner            the runner's own processes, if they stood in ROOT
 *	ROOT/hearth-job-N      the job of slot N; a lock on the folder: its job process lives
 *
 * ROOT is what the setting names, or the runner's own group if the service
 * manager delegated it (systemd: Delegate=yes). Without a root nothing here is
 * called, and step.h ends jobs by itself.
 */
#ifndef RUNNER_CGROUP_H
#define RUNNER_CGROUP_H

#include "base/arena.h"
#include "base/err.h"

/* Of one job; 0: no limit. */
struct cgroup_limits {
	int64_t memory; /* bytes */
	int64_t processes;
	int64_t cpus; /* whole processors */
};

/* How often a limit was met since the group was made. */
struct cgroup_events {
	int64_t out_of_memory; /* processes killed for it */
	int64_t refused_forks;
};

/*
 * The root for `setting` ("": our own group if it is delegated; "none"; a path).
 * *root is NULL where there is none. ERR_INVALID with what to do if the path cannot be
 * used, or if a limit is set that nothing here would keep. Once, before any job.
 */
MUST_USE int cgroup_open_root(struct arena *a, const char *setting,
			      const struct cgroup_limits *limits, const char **root, struct err *e);

/* Ends and removes the groups below root whose job process is dead. */
MUST_USE int cgroup_remove_leftovers(struct arena *a, const char *root, struct err *e);

struct cgroup {
	const char *path; /* NULL: none */
	int lock;
};

/* The group of a slot that is leased to us, new and empty: what is left of it is ended. */
MUST_USE int cgroup_make(struct arena *a, const char *root, int slot,
			 const struct cgroup_limits *limits, struct cgroup *group, struct err *e);
/* Ends what is in it and removes it. */
MUST_USE int cgroup_remove(struct cgroup *group, struct err *e);

/* Writes the limits into a group whose root has the controllers. */
MUST_USE int cgroup_limit(const char *group, const struct cgroup_limits *limits, struct err *e);

/* Puts the calling process in. */
MUST_USE int cgroup_enter(const char *group, struct err *e);
/* KILL to all at once; returns when nothing lives in it. */
MUST_USE int cgroup_kill(const char *group, struct err *e);
void cgroup_count(const char *group, struct cgroup_events *events);

#endif
