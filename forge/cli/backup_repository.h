/* One repository into a backup: refs before objects, so that every ref's object is there. */
#ifndef CLI_BACKUP_REPOSITORY_H
#define CLI_BACKUP_REPOSITORY_H

#include "archive/bundle.h"
#include "base/arena.h"

struct backup_repositories {
	const char **names; /* "repositories/ab/12.git" */
	size_t count;
};

MUST_USE int backup_repositories_list(struct arena *a, const char *top,
				      struct backup_repositories *list, struct err *e);

/*
 * name is below data. Holds the repository's lock against the removal of
 * objects meanwhile. ERR_NOT_FOUND if the repository is gone.
 */
MUST_USE int backup_repository(struct arena *a, struct bundle *bundle, const char *data,
			       const char *name, struct err *e);

#endif
