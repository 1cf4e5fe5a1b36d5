/*
 * "Run pipeline": a person or a program asks for a pipeline of a branch, a tag
 * or any commit that a branch or tag reaches, with variables if wanted. Also
 * how an older commit is deployed again.
 */
#ifndef DOMAIN_PIPELINE_RUN_H
#define DOMAIN_PIPELINE_RUN_H

#include "domain/pipeline_plan.h"

struct pipeline_order {
	struct project_id project;
	struct repo *repo;           /* acquired by the caller */
	struct str ref;              /* a branch or tag, by name or in full */
	struct str sha;              /* none: the tip; else a commit that the ref reaches */
	enum ci_pipeline_source why; /* CI_SOURCE_WEB, CI_SOURCE_API, ... */
	const struct ci_variables *variables; /* NULL: none */
};

/*
 * ERR_FORBIDDEN: PIPELINE_RUN is not the actor's, or the ref is protected and
 * neither pushing to nor merging into it is. ERR_NOT_FOUND: no such ref or
 * commit. ERR_INVALID with the reason when no pipeline comes of it (no file, no
 * job left). A file that is not valid makes a failed pipeline for a person (WEB)
 * and is ERR_INVALID for a program (API), as in GitLab.
 */
MUST_USE int pipeline_run(const struct instance *instance, const struct actor *actor,
			  const struct pipeline_order *order, struct arena *a,
			  struct pipeline_made *made, struct err *e);

#endif
