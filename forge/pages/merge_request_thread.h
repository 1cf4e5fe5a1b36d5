/*
 * Threads at lines, on another version than the one they were made on: a line that
 * did not change meanwhile takes its threads along. Nothing is stored; the
 * position keeps the commits it was made on.
 */
#ifndef PAGES_MERGE_REQUEST_THREAD_H
#define PAGES_MERGE_REQUEST_THREAD_H

#include "domain/merge_request.h"
#include "pages/page.h"

struct thread_versions {
	struct merge_request_version *items; /* newest first */
	size_t count;
};

/* A line of one version: of its head, or of its merge base if the line was removed. */
struct thread_place {
	struct str head_sha; /* of the version */
	struct str path;
	bool is_old;
	int64_t line; /* 0: it stands nowhere any more */
};

/* NULL: no version of this merge request has this head. */
const struct merge_request_version *thread_version(const struct thread_versions *versions,
						   struct str head_sha);

struct thread_carrier;

/* To this version. The versions outlive it. */
MUST_USE int thread_carrier_open(struct request *rq, const struct thread_versions *versions,
				 const struct merge_request_version *to,
				 struct thread_carrier **carrier, struct err *e);
/*
 * place->line becomes the line there, or 0. Compares each file of each version once,
 * and at most CARRIED_FILES_MAX of them: threads beyond stay where they were made.
 */
MUST_USE int thread_carry(struct thread_carrier *carrier, struct thread_place *place,
			  struct err *e);

#define CARRIED_FILES_MAX 200

#endif
