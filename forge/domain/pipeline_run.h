/*
 * "Run pipeline": a person or a program asks for a pipeline of a branch, a tag
 * or any commit that a branch or tag reaches, with variables if wanted. Also
 * how an older commit is deployed again.
 *
 * The commit's own file is what counts, not today's; "[skip ci]" does not.
 */
#ifndef DOMAIN_PIPELINE_RUN_H
#define DOMAIN_PIPELINE_RUN_H

#include "domain/pipeline_plan.h"

struct pipeline_order {
	struct project_id project;
	struct repo *repo;           /* acquired by the caller */
	struct str ref;              /* a branch or tag, by name or in full */
	struct str commit;           /* none or "": the tip; else hex of one that the ref reaches */
	enum ci_pipeline_source why; /* CI_SOURCE_WEB, CI_SOURCE_API, ... */
	const struct ci_variables *variables; /* NULL: none */
};

/*
 * ERR_FORBIDDEN: PIPELINE_RUN is not the actor's, or the ref is protected and
 * neither pushing to nor merging into it is. ERR_UNPROCESSABLE with the
 * sentence: no such ref or commit, no pipeline file, no job left, or a file that
 * is not valid (with file, line and column); then nothing was made.
 *
 * Holds no connection while it plans: the caller has given its own back.
 */
MUST_USE int pipeline_run(const struct instance *instance, const struct actor *actor,
			  const struct pipeline_order *order, struct arena *a,
			  struct pipeline_made *made, struct err *e);

#endif
