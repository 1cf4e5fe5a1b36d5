/*
 * Has it changed? One word that differs whenever the state of a pipeline or of one
 * of its jobs does, or what the page of a merge request says of its merge: for pages
 * that are kept up to date.
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

struct merge_request_pulse {
	bool is_open;
	struct pipeline_id pipeline; /* the newest of its head; 0: none */
	struct str word;
};

/* ERR_NOT_FOUND: the project has no such merge request. */
MUST_USE int pulse_of_merge_request(struct db *db, struct project_id project, int64_t iid,
				    struct arena *a, struct merge_request_pulse *pulse,
				    struct err *e);

#endif
