/*
 * A slot: a number that is this job's alone on the whole host, leased by flock
 * on <folder>/N, so that no two runners ever share one. As root each slot has a
 * user of its own, hearth-job-N, whose processes are all ended before the slot
 * is used and when it is given back.
 */
#ifndef RUNNER_SLOT_H
#define RUNNER_SLOT_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

#define SLOTS_MAX 256
#define SLOT_FOLDER "/run/hearth/slots"

struct slot {
	int number;
	int fd; /* holds the lease; -1: none */
	bool has_user;
	uid_t uid; /* of the user, or our own */
	gid_t gid;
};

/* ERR_BUSY if all are taken. They are the host's (as root) or our user's, never a runner's own:
 * so are the users. */
MUST_USE int slot_take(struct arena *a, struct slot *slot, struct err *e);
/* Slot `number` if it was ever used and nobody has it now; otherwise slot->fd is -1. */
MUST_USE int slot_take_unused(struct arena *a, int number, struct slot *slot, struct err *e);

/* Ends what is left of the slot's user; nothing where the slot has none of its own. */
void slot_end_user(const struct slot *slot);
/* The same, and gives the lease back. */
void slot_give_back(struct slot *slot);

#endif
