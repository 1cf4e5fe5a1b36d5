/*
 * Ends all processes of a slot's user, as root. The kernel does it best: a child takes the
 * user's number and calls kill(-1), which signals every process of that user at once, and a
 * fork under way does not escape it. A process can outrun one that reads /proc and kills what
 * it finds.
 *
 * But kill(-1) reaches into containers on this host as well, and the users of an image have
 * the numbers of ours as often as not (postgres, or hearth-job-0 of a runner in there). While
 * there are such processes, ours are stopped, pass after pass until one finds no new one, and
 * then killed. What is a container's: it lives in another PID namespace, but in our user
 * namespace. No job can make such a process: without privileges the one comes with the other.
 */
#ifndef RUNNER_SWEEP_H
#define RUNNER_SWEEP_H

#include "base/err.h"

#include <sys/types.h>

/* Until none of that user is left, those of containers aside. */
MUST_USE int sweep_user(uid_t uid, struct err *e);

#endif
