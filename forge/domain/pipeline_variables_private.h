/* What planning (pipeline_predefined.c) and running (job_variables.c) share; for them alone. */
#ifndef DOMAIN_PIPELINE_VARIABLES_PRIVATE_H
#define DOMAIN_PIPELINE_VARIABLES_PRIVATE_H

#include "domain/pipeline_variables.h"

#include "q/variable.h"

/*
 * Predefined ones are raw: a commit's message or a branch's name is the text of
 * whoever pushed, and "$SECRET" in it must stay text.
 */
void pipeline_predefined_set(struct ci_variables *v, struct str key, struct str value);

/* CI, CI_SERVER_*, CI_PROJECT_*, CI_DEFAULT_BRANCH, ... */
void pipeline_predefined_add_server(const struct instance *instance, struct ci_variables *v);
void pipeline_predefined_add_project(const struct instance *instance, struct project_id project,
				     const struct q_variable_facts_row *facts,
				     struct ci_variables *v);
/* GITLAB_USER_*; nothing for the system. */
void pipeline_predefined_add_user(struct user_id user, const struct q_variable_facts_row *facts,
				  struct ci_variables *v);

/* ERR_NOT_FOUND if the project is gone. */
MUST_USE int pipeline_facts_read(struct db *db, struct project_id project, struct user_id user,
				 struct arena *a, struct q_variable_facts_row *facts,
				 struct err *e);

/* The text that pipeline_variables_record stored; none: there is none. */
MUST_USE int pipeline_predefined_parse(struct str text, struct arena *a, struct ci_variables *into,
				       struct err *e);

#endif
