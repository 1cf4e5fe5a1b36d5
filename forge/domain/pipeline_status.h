/*
 * How the last pipeline of a branch, or else of a tag of that name, ended or
 * goes on: what its badge says.
 */
#ifndef DOMAIN_PIPELINE_STATUS_H
#define DOMAIN_PIPELINE_STATUS_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/types.h"

struct db;

/* *status: ci_status_name; "" if the ref has no pipeline. */
MUST_USE int pipeline_status_of_name(struct db *db, struct project_id project, struct str name,
				     bool ignore_skipped, struct arena *a, struct str *status,
				     struct err *e);

#endif
