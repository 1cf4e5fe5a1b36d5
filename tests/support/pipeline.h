/*
 * Pipelines, runners and jobs for tests, made through domain/ as pushes and runners
 * make them. Any failure fails the test.
 */
#ifndef SUPPORT_PIPELINE_H
#define SUPPORT_PIPELINE_H

#include "domain/job.h"
#include "support/domain.h"

#define TEST_SHA "0123456789012345678901234567890123456789"

/* Of this pipeline file, for a branch whose tip is TEST_SHA. A bad file makes a failed one. */
struct pipeline_made test_pipeline(struct domain *w, struct project_id project, const char *branch,
				   const char *text);
/* The same, started by a person. */
struct pipeline_made test_pipeline_by(struct domain *w, struct project_id project,
				      const struct actor *who, const char *branch,
				      const char *text);

struct runner test_runner(struct domain *w, struct runner_new in);

/* The runner's next job; there must be one. */
struct job_claimed test_job_claim(struct domain *w, const struct runner *runner);
void test_job_end(struct domain *w, const struct job_claimed *job, bool is_success);
/* Both. */
struct job_claimed test_job_run(struct domain *w, const struct runner *runner, bool is_success);

#endif
