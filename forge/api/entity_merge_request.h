/* Merge requests as JSON. See entity.h. */
#ifndef API_ENTITY_MERGE_REQUEST_H
#define API_ENTITY_MERGE_REQUEST_H

#include "domain/merge_gate.h"
#include "domain/pipeline_view.h"
#include "request.h"

/* In lists: what the row says. */
void entity_merge_request(struct jsonw *w, const struct request *rq,
			  const struct merge_request *mr);

/* The same fields without the braces, for answers that have more. */
void entity_merge_request_fields(struct jsonw *w, const struct request *rq,
				 const struct merge_request *mr);

/* Alone: with its gates, its pipeline and what the actor may do. */
struct entity_merge_request_full {
	const struct merge_request *mr;
	const struct merge_blockers *blockers;
	const struct pipeline *pipeline; /* of the head; NULL: none */
	bool can_merge;
};
void entity_merge_request_full(struct jsonw *w, const struct request *rq,
			       const struct entity_merge_request_full *in);

void entity_merge_request_version(struct jsonw *w, const struct merge_request *mr,
				  const struct merge_request_version *version);
void entity_merge_approvals(struct jsonw *w, const struct request *rq,
			    const struct merge_facts *facts, const struct merge_blockers *blockers,
			    bool can_approve);

#endif
