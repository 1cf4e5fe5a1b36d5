/*
 * Has a pipeline changed? One word that differs whenever the state of the
 * pipeline or of one of its jobs does: for pages that are kept up to date.
 */
#ifndef DOMAIN_PULSE_H
#define DOMAIN_PULSE_H

#include "base/arena.h"
#include "base/err.h"
#include "ci/status.h"
#include "domain/types.h"

struct db;

struct pulse {
	enum ci_status status;
	struct str word;
};

/* ERR_NOT_FOUND: the project has no such pipeline. */
MUST_USE int pulse_of_pipeline(struct db *db, struct project_id project, struct pipeline_id id,
			       struct arena *a, struct pulse *pulse, struct err *e);

#endif
