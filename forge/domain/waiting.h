/*
 * What waits for a person, beside reviews (merge_request_list with waits_for_me),
 * merge requests and tasks (task_list_waiting): pipelines they started that failed
 * and that nothing has replaced on their branch.
 * Ownership: the caller's arena. Threads: as the db.
 */
#ifndef DOMAIN_WAITING_H
#define DOMAIN_WAITING_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

struct waiting_pipeline {
	struct pipeline_id id;
	struct str project_path;
	struct str ref_name;
	struct instant created_at;
};

struct waiting_pipelines {
	struct waiting_pipeline *items;
	size_t count;
};

/* Of the last 30 days, newest first; only where the actor may still look. */
MUST_USE int waiting_pipelines(struct db *db, const struct actor *actor, int32_t limit,
			       struct arena *a, struct waiting_pipelines *list, struct err *e);

#endif
