/*
 * A generated history for comparing with git: branches, merges (also evil and
 * octopus ones), renames, deletions, mode changes, folders that come and go.
 * The same seed gives the same history.
 */
#ifndef SUPPORT_RANDOM_HISTORY_H
#define SUPPORT_RANDOM_HISTORY_H

#include "support/gitbox.h"

/* Fills box->repo; refs/heads/main is the last commit, refs/heads/b0..b3 are branches. */
void random_history(struct gitbox *box, uint64_t seed, unsigned commits);

#endif
