/*
 * What a runner needs of a planned job, as one JSON text in the job's row:
 * {script, after_script, variables: [{key, value, raw}], artifacts, image, services, cache,
 *  environment_url, ...}. Made once, when the pipeline is created.
 */
#ifndef CI_JOB_OPTIONS_H
#define CI_JOB_OPTIONS_H

#include "base/jsonw.h"
#include "ci/plan.h"

void ci_job_options_emit(struct jsonw *w, const struct ci_plan_job *job);

#endif
