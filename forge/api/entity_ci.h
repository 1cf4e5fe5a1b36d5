/* The entities of pipelines, jobs and runners. As entity.h; gitlab-compat 4.3. */
#ifndef API_ENTITY_CI_H
#define API_ENTITY_CI_H

#include "api/entity.h"
#include "domain/artifact.h"
#include "domain/job_view.h"
#include "domain/runner_view.h"

/* is_full: with what only the single one has. */
void entity_pipeline(struct jsonw *w, const struct request *rq, const struct pipeline *pipeline,
		     bool is_full);

/* artifacts: of the job; NULL when not known. */
void entity_job(struct jsonw *w, const struct request *rq, const struct job *job,
		const struct artifacts *artifacts);

void entity_runner(struct jsonw *w, const struct runner_view *runner, bool is_full);

#endif
