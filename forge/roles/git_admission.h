/*
 * Who may start now: limits per user, repository and host by class of
 * operation. Pure: counts over the running operations it is shown.
 */
#ifndef ROLES_GIT_ADMISSION_H
#define ROLES_GIT_ADMISSION_H

#include "git/message.h"

/* The system user's share is not limited; the anonymous share is one user's, times 8. */
struct git_admission_limits {
	size_t per_user;
	size_t per_repository;
	size_t per_host;
};

struct git_admission_limits git_admission_limits_of(enum git_op op, size_t cores);

/* How many of the candidate's class run already. */
struct git_admission_counts {
	size_t user;
	size_t repository;
	size_t host;
};

/* Adds `running` to the counts if it takes from the same share as `candidate`. */
void git_admission_count(struct git_admission_counts *counts, const struct git_request *candidate,
			 const struct git_request *running);

/* NULL: may start. Else which limit is reached, as the second half of a sentence. */
const char *git_admission_refusal(const struct git_request *candidate,
				  const struct git_admission_counts *counts, size_t cores);

/* Seconds an operation may take. */
int git_op_wall_seconds(enum git_op op);

#endif
