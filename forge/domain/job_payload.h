/*
 * What a runner is handed with a job: the body of POST /jobs/request's 201
 * (gitlab-compat 1.5), and the words that its log must not show.
 *
 * Variables in the order of precedence, lowest first, each name once:
 * predefined < file (global, workflow rule, job, rule) < GITLAB_USER_* <
 * instance < groups < project < the starter's < a manual job's own < environment.
 *
 * The commit is fetched by its id (refspec +<sha>:refs/pipelines/<id>), so that
 * a job runs although its branch has moved on, was rewritten or is gone: the
 * upload operation lets a job's token have its own pipeline's commit.
 */
#ifndef DOMAIN_JOB_PAYLOAD_H
#define DOMAIN_JOB_PAYLOAD_H

#include "base/jsonw.h"
#include "base/list.h"
#include "domain/job.h"
#include "domain/pipeline_variables.h"
#include "domain/runner.h"

/*
 * Writes one JSON object. Fails before the first byte, with the reason in e:
 * the job is claimed but cannot be handed out, so the caller ends it by
 * job_finish: ERR_GONE (artifacts it needs) with failure_reason
 * missing_dependency_failure, anything else with data_integrity_failure.
 */
MUST_USE int job_payload_write(struct db *db, const struct instance *instance,
			       const struct runner *runner, const struct job_claimed *job,
			       struct arena *a, struct jsonw *w, struct err *e);

/*
 * In the transaction of whoever plays a manual job: the variables it was given,
 * in place of those that it had.
 */
MUST_USE int job_variables_record(struct db *db, const struct secret_keys *keys, struct job_id job,
				  const struct ci_variables *given, struct err *e);

/*
 * Values that are masked in the log of this job, longest first, none of them
 * shorter than JOB_SECRET_MIN; the job's token only if it is passed (none: its
 * text is not known any more). What was changed since the claim masks as it is now.
 */
#define JOB_SECRET_MIN 4
MUST_USE int job_secrets(struct db *db, const struct instance *instance, struct job_id job,
			 struct str token, struct arena *a, struct str_list *secrets,
			 struct err *e);

#endif
