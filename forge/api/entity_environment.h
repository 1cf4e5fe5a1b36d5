/* Environments and deployments, as GitLab writes them (entity.h says how). */
#ifndef API_ENTITY_ENVIRONMENT_H
#define API_ENTITY_ENVIRONMENT_H

#include "domain/deployment.h"
#include "request.h"

/* last: of a single one, what stands there; NULL: nothing, or a list. */
void entity_environment(struct jsonw *w, const struct request *rq,
			const struct environment *environment, const struct deployment *last);
/* Ours besides: kind, ref_path, current. */
void entity_deployment(struct jsonw *w, const struct request *rq, const struct deployment *d);

#endif
