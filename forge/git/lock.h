/*
 * The two flocks of a repository (names in git/layout.h). A lock is an open
 * descriptor: closing it, or the death of all processes that have it, frees it.
 */
#ifndef GIT_LOCK_H
#define GIT_LOCK_H

#include "base/err.h"

#include <stdbool.h>

/*
 * wait_ms 0: only try. ERR_BUSY with a sentence if somebody else has it too
 * long. *fd is CLOEXEC.
 */
MUST_USE int git_lock_take(const char *repo_path, const char *name, bool is_exclusive, int wait_ms,
			   int *fd, struct err *e);

#endif
