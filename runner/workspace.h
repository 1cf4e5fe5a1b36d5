/*
 * The folders of one job, in the slot's own part of the builds folder:
 *
 *	<builds>/<slot>/           the slot user's, 0700; emptied before and after each job
 *	   <group>/<project>/      CI_PROJECT_DIR
 *	   files/                  file variables
 *	   home/  tmp/             HOME and TMPDIR
 *	   script                  the text of the step that runs
 */
#ifndef RUNNER_WORKSPACE_H
#define RUNNER_WORKSPACE_H

#include "runner/job.h"
#include "runner/script.h"
#include "runner/slot.h"

struct workspace {
	const char *root; /* <builds>/<slot> */
	const char *home;
	const char *tmp;
	const char *script;
	struct script_place place;
};

/* Empties what an earlier job left, and makes the folders. */
MUST_USE int workspace_make(struct arena *a, const char *builds, const struct slot *slot,
			    const struct job *job, struct workspace *w, struct err *e);

/* Writes a step's text where the shell finds it. */
MUST_USE int workspace_write_script(const struct workspace *w, const struct slot *slot,
				    struct str text, struct err *e);

MUST_USE int workspace_remove(const struct workspace *w, struct err *e);

#endif
