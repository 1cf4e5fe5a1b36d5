/* What `hearth ci lint`, `ci plan` and `ci rule` share: their options. */
#ifndef CLI_CI_FOLDER_H
#define CLI_CI_FOLDER_H

#include "ci/folder.h"
#include "cli/command.h"

/* The file, and the context of --ref, --tag, --source and --var, where they are given. */
MUST_USE int ci_read_folder(struct cli *cli, const char *path, struct ci_folder *folder,
			    struct err *e);

/* --var KEY=VALUE, each as often as wanted. */
MUST_USE int ci_read_vars(struct cli *cli, struct ci_variables *variables, struct err *e);

#endif
