/*
 * One ref for all commits that must stay although no branch leads to them: those
 * of pipelines that may run again, of deployments one may go back to.
 *
 * refs/forge/keep is a chain of commits, each with up to 64 of the kept ones
 * as parents, so that a repository has one ref more and not thousands. It is made
 * anew by each full housekeeping just before anything is removed: objects go at no
 * other time, so what left the list goes and what is on it stays.
 */
#ifndef ROLES_GIT_KEEP_H
#define ROLES_GIT_KEEP_H

#include "roles/git_child.h"

/*
 * c->in, if there is one: names of commits, a line each. Those the repository has not
 * (any more) are left out. *count: how many are kept. The objects lock is held.
 */
MUST_USE int git_keep(struct git_child *c, size_t *count, struct err *e);

#endif
