/*
 * A temporary folder with a bare repository, and the real git to fill it and to
 * compare with. Dates and names are fixed, so object ids are too.
 *
 *	struct gitbox *box = gitbox_open();
 *	gitbox_run(box, "git init -q work && ...");      a shell script, in the box's folder
 *	struct str out = gitbox_run(box, "git -C repo.git for-each-ref");
 *	gitbox_close(box);
 */
#ifndef SUPPORT_GITBOX_H
#define SUPPORT_GITBOX_H

#include "base/arena.h"

struct gitbox {
	struct arena *arena;
	char folder[64];
	char repo[80]; /* <folder>/repo.git, bare, HEAD at refs/heads/main */
};

struct gitbox *gitbox_open(void);
void gitbox_close(struct gitbox *box);

/* Standard output; the test fails if the script does. */
struct str gitbox_run(struct gitbox *box, const char *script, ...) PRINTF_LIKE(2, 3);
/* The exit status; output goes nowhere. */
int gitbox_try(struct gitbox *box, const char *script);

#endif
