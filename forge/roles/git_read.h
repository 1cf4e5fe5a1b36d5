/*
 * Reads objects through the quarantine, in this process (a child of git for each
 * question would cost more than the whole push): what the policy must know, and
 * the answers to READ, files of commits for the pipeline planner in the front.
 */
#ifndef ROLES_GIT_READ_H
#define ROLES_GIT_READ_H

#include "git/repo.h"
#include "roles/git_child.h"

struct git_read_door;

/* *door: NULL at first, then kept for the next. quarantine: NULL, or a folder. */
MUST_USE int git_read_open(const struct git_child *c, const char *quarantine,
			   struct git_read_door **door, struct repo **repo, struct err *e);

/*
 * One question; fd: the file the answer's bytes go to. What cannot be read is
 * an answer too; an error is that the front is gone.
 * Opens the door if need be.
 */
MUST_USE int git_read_answer(struct git_child *c, const char *quarantine,
			     const struct git_message *question, int fd,
			     struct git_read_door **door, struct err *e);
void git_read_close(struct git_read_door *door); /* NULL is fine */

#endif
