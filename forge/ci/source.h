/*
 * What the planner asks of the repository at the commit of the pipeline.
 * The push path answers from the quarantine, the CLI from a folder.
 *
 * Each function returns 0 or a negative code. ERR_NOT_FOUND (no such file, no
 * such ref) and ERR_TOO_LARGE are the pipeline file's fault and become its
 * outcome; any other failure ends the planning with that error (checks fail
 * closed).
 */
#ifndef CI_SOURCE_H
#define CI_SOURCE_H

#include "base/arena.h"
#include "base/err.h"

struct ci_paths {
	struct str *items;
	size_t count;
	bool is_known; /* false: there is nothing to compare with, or it is too much to tell */
};

struct ci_source {
	void *closure;

	/* A file's bytes by its path from the root; ERR_NOT_FOUND, ERR_TOO_LARGE above limit. */
	int (*read)(void *closure, struct arena *a, struct str path, size_t limit,
		    struct str *bytes, struct err *e);

	/* All files of the tree (at most what a repository's limit allows), folders left out. */
	int (*list)(void *closure, struct arena *a, struct ci_paths *paths, struct err *e);

	/*
	 * The paths that differ from what the pipeline compares with: the merge base
	 * of a merge request, the old tip of a push; or from `compare_to` (a ref
	 * name), if that is not none.
	 */
	int (*changed)(void *closure, struct arena *a, struct str compare_to,
		       struct ci_paths *paths, struct err *e);
};

#endif
