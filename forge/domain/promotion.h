/*
 * The promotion path: the way of a change to production. Its places are
 * environments, each with the refs that may be deployed there:
 *
 *	testing     merge requests, and every branch that is none of the following
 *	staging     the branch "stage"
 *	production  the project's default branch
 *
 * A job that names one of them (whatever its action: an environment's variables
 * are at stake) must run for a ref of that place, else it fails before it
 * starts, with the rule as its reason. Tags stand nowhere on the path.
 * Environments of other names are free.
 *
 * Pure. Names are compared exactly: "Production" is a free environment.
 */
#ifndef DOMAIN_PROMOTION_H
#define DOMAIN_PROMOTION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define PROMOTION_STEPS 3 /* first testing, last production */

/* The name of a step, 0 .. PROMOTION_STEPS - 1. */
struct str promotion_step(size_t at);
/* PROMOTION_STEPS: it is off the path. */
size_t promotion_index(struct str environment);

/*
 * Where a ref stands, as HEARTH_ENVIRONMENT tells a job: "testing", "staging",
 * "production"; none for a tag. ref: in full.
 */
struct str promotion_environment(struct str default_branch, struct str ref);

/* 0, or ERR_FORBIDDEN with the rule, the ref and what may be done. Always 0 off the path. */
MUST_USE int promotion_check(struct str default_branch, struct str environment, struct str ref,
			     struct err *e);

/* The branch a step is deployed from; none for testing, whose branches are many. */
struct str promotion_branch(struct str default_branch, size_t at);

/*
 * Where a merge request from this branch goes by itself: from a feature to
 * "stage", from "stage" to the default branch; none from the default branch.
 * Whether that branch exists is the caller's question.
 */
struct str promotion_next_branch(struct str default_branch, struct str branch);

#endif
