/*
 * A pipeline file on disk, for `hearth ci lint` and `ci plan`: the folder of the
 * file stands for the root of the repository.
 */
#ifndef CLI_CI_FOLDER_H
#define CLI_CI_FOLDER_H

#include "ci/plan.h"
#include "cli/command.h"

struct ci_folder {
	struct arena *arena;
	const char *root;
	struct str file; /* the file's name in it */
	struct str text;
	struct ci_source source;
	struct ci_variables predefined;
	struct ci_variables pipeline;
	struct ci_context context;
};

/* Reads the file and the options --ref, --tag, --source and --var, where they are given. */
MUST_USE int ci_folder_open(struct cli *cli, const char *path, struct ci_folder *folder,
			    struct err *e);

/* --var KEY=VALUE, each as often as wanted. */
MUST_USE int ci_read_vars(struct cli *cli, struct ci_variables *variables, struct err *e);

#endif
