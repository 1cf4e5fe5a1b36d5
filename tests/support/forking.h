/*
 * Forks in the world of support/merging.h: more people, a fork, its repository.
 * Failures fail the test.
 */
#ifndef SUPPORT_FORKING_H
#define SUPPORT_FORKING_H

#include "domain/fork.h"
#include "support/merging.h"

/* Signed in, member of nothing. */
struct actor forking_person(struct merging *w, const char *name);
/* Of the world's project, into the person's own namespace; not filled yet. */
struct project forking_make(struct merging *w, const struct actor *who);
/* Its repository's folder, as a page makes it. */
void forking_init(struct merging *w, const struct project *fork);
/* Fills what is due. */
void forking_copy(struct merging *w);
struct fork_facts forking_facts(struct merging *w, struct project_id project);
/* git in a project's repository; trimmed. */
struct str forking_git(struct merging *w, struct project_id project, const char *args);
/* A shell as that person, in their clone of the project ($HOME-less: folder "f<project>"). */
struct str forking_shell(struct merging *w, const struct actor *who, struct project_id project,
			 const char *script);

#endif
