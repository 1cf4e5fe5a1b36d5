/*
 * Removing a merge request for good, with its discussions: for what was opened by
 * mistake or must not be read any more. What was merged is part of the history
 * and stays; its source branch and pipelines stay in any case.
 */
#ifndef DOMAIN_MERGE_REQUEST_REMOVE_H
#define DOMAIN_MERGE_REQUEST_REMOVE_H

#include "domain/merge_request.h"

/*
 * By owners (MERGE_REQUEST_REMOVE). ERR_CONFLICT: it was merged. Its refs go from the
 * outbox; the number is not given again.
 */
MUST_USE int merge_request_remove(struct db *db, const struct actor *actor,
				  struct project_id project, int64_t iid, struct err *e);

#endif
