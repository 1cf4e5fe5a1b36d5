/*
 * Who may start, stop and repeat what runs for a ref: who has PIPELINE_RUN in the
 * project, and for a protected branch or tag also may push or merge to it. One
 * rule for pages, API and push.
 */
#ifndef DOMAIN_PIPELINE_RIGHT_H
#define DOMAIN_PIPELINE_RIGHT_H

#include "domain/access.h"

/*
 * ref: in full. target: the actor's place in the project. 0, or what access_check
 * says, or ERR_FORBIDDEN with the branch's rule and who may. Of a merge request's
 * pipeline the ref to ask for is its source branch, as q_pipeline_place gives it.
 */
MUST_USE int pipeline_check_right(struct db *db, const struct actor *actor,
				  const struct access_target *target, struct project_id project,
				  struct str ref, struct arena *a, struct err *e);

#endif
