/*
 * All that is known of a job when its runner is handed it: its row and
 * pipeline's, its plan, and its variables in their order of precedence. For
 * job_payload.c, and for job_secrets, which need the same variables.
 */
#ifndef DOMAIN_JOB_DOSSIER_H
#define DOMAIN_JOB_DOSSIER_H

#include "base/jsonr.h"
#include "domain/job_payload.h"

#include "q/variable.h"

struct job_dossier {
	struct job_id id;
	struct q_variable_job_row row;
	struct q_variable_facts_row facts; /* of project and person */
	const struct jsonr *options;       /* ci/job_options.h */
	struct ci_variables variables;     /* expanded */
};

/* token and runner: none and NULL if they do not matter. ERR_NOT_FOUND: there is no such job. */
MUST_USE int job_dossier_read(struct db *db, const struct instance *instance, struct job_id id,
			      struct str token, const struct runner *runner, struct arena *a,
			      struct job_dossier *dossier, struct err *e);

/* "http://gitlab-ci-token:TOKEN@host/group/project.git" */
struct str job_repository_url(const struct instance *instance, struct str path, struct str token,
			      struct arena *a);

#endif
