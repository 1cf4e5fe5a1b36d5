/*
 * What jobs of a runner that died left on this host: processes of the slots'
 * users, control groups, workspaces. A slot that nobody leases has no job, so
 * whatever is still there in its name goes.
 */
#ifndef RUNNER_LEFTOVER_H
#define RUNNER_LEFTOVER_H

#include "base/log.h"
#include "runner/config.h"

/* At the start of `run`, before any job. What cannot be removed is logged; the slot's next
 * job tries again and fails if it cannot. cgroup_root NULL: no control groups. */
void leftover_remove(const struct runner_config *config, const char *cgroup_root,
		     const struct log *log);

#endif
