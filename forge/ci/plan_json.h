/* A plan as JSON: what `hearth ci plan` prints and the lint API answers with. */
#ifndef CI_PLAN_JSON_H
#define CI_PLAN_JSON_H

#include "base/jsonw.h"
#include "ci/plan.h"

/*
 * {outcome, message, file, line, column, warnings: [{message, file, line, column}],
 *  name, stages: [...], jobs: {NAME: {stage, when, start_in, allow_failure, needs,
 *  dependencies, tags, environment, variables, before_script, script, after_script,
 *  retry, timeout, interruptible, resource_group, artifacts, image, services, cache}}}
 * Times are seconds. `needs` is null for a job that goes by stages.
 */
void ci_plan_emit(struct jsonw *w, const struct ci_plan *plan);

/* {valid, errors: [{message, file, line, column}], warnings: [...]} */
void ci_lint_emit(struct jsonw *w, const struct ci_plan *plan);

/* The fields artifacts, image, services and cache of an object that is open. */
void ci_plan_emit_storage(struct jsonw *w, const struct ci_job *job);

/* "created", "no-pipeline", "error". */
const char *ci_outcome_name(enum ci_outcome outcome);

#endif
