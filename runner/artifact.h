/*
 * Artifacts as zip, in and out. Both run in a process of the slot's user
 * (`hearth-runner artifact ...`): the workspace is the job's, and what it made
 * of links and names there must not matter.
 *
 * Paths are globs relative to the project folder, as in the pipeline file; what
 * lies outside of it is left out and said.
 */
#ifndef RUNNER_ARTIFACT_H
#define RUNNER_ARTIFACT_H

#include "base/err.h"
#include "base/list.h"

#define ARTIFACT_FILES_MAX 200000

struct artifact_choice {
	struct str_list paths; /* expanded */
	struct str_list exclude;
};

/*
 * Writes the zip of what matches below folder to fd; *count says how many files
 * (0: nothing was written). Notes for the log go to standard error.
 */
MUST_USE int artifact_pack(const char *folder, const struct artifact_choice *choice, int fd,
			   size_t *count, struct err *e);

/* Unpacks fd below folder; refuses absolute names, "..", links that lead out, and bombs. */
MUST_USE int artifact_unpack(const char *folder, int fd, size_t *count, struct err *e);

#endif
