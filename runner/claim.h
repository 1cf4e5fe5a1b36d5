/*
 * `hearth-runner run`: asks every registration's forge for work and starts a
 * job process for each answer. One thread; forges that hold the question open
 * (long poll) cost one connection each. A forge that offers its Redis queue is
 * asked when a permit comes, and every 20 s; over HTTP again when Redis is away.
 *
 * SIGTERM: no new work, running jobs go to their end (drain); again: jobs are
 * stopped and reported as failed. Exit status 0 after a drain.
 */
#ifndef RUNNER_CLAIM_H
#define RUNNER_CLAIM_H

#include "base/log.h"
#include "runner/config.h"

MUST_USE int claim_run(struct arena *a, const struct runner_config *config, const struct log *log,
		       struct err *e);

#endif
