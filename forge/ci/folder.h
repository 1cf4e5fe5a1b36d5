/*
 * A pipeline file on disk, planned without a server: for `hearth ci`, and for
 * `hearth-runner exec`. The folder of the file stands for the root of the
 * repository. The only file of ci/ that touches a disk.
 */
#ifndef CI_FOLDER_H
#define CI_FOLDER_H

#include "ci/plan.h"

struct ci_folder {
	struct arena *arena;
	const char *root;
	struct str file; /* the file's name in it */
	struct str text;
	struct ci_source source;
	struct ci_variables predefined;
	struct ci_variables pipeline;
	struct ci_context context; /* a push to main until it is changed */
};

/* Reads the file. *folder must stay where it is: its source points to it. */
MUST_USE int ci_folder_open(struct arena *a, const char *path, struct ci_folder *folder,
			    struct err *e);

/* The CI_* variables that follow from folder->context; call it when that is settled. */
void ci_folder_set_predefined(struct ci_folder *folder);

#endif
