/*
 * Answers READ: files of commits, for the pipeline planner in the front. Reads
 * through the quarantine, in this process (a child of git for each file would
 * cost more than the whole push). Opened by the first question.
 */
#ifndef ROLES_GIT_READ_H
#define ROLES_GIT_READ_H

#include "roles/git_child.h"

struct git_read_door;

/*
 * One question; fd: the file the answer's bytes go to. What cannot be read is
 * an answer too; an error is that the front is gone.
 * *door: NULL at first, then kept for the next. quarantine: NULL, or a folder.
 */
MUST_USE int git_read_answer(struct git_child *c, const char *quarantine,
			     const struct git_message *question, int fd,
			     struct git_read_door **door, struct err *e);
void git_read_close(struct git_read_door *door); /* NULL is fine */

#endif
