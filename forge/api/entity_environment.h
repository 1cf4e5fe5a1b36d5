/* Environments and deployments, as GitLab writes them (entity.h says how). */
#ifndef API_ENTITY_ENVIRONMENT_H
#define API_ENTITY_ENVIRONMENT_H

#include "domain/deployment.h"
#include "request.h"

/* last: of a single one, what stands there; NULL: nothing, or a list. */
void entity_environment(struct jsonw *w, const struct request *rq,
			const struct environment *environment, const struct deployment *last);
/* Ours besides: kind, ref_path, current, tree. */
void entity_deployment(struct jsonw *w, const struct request *rq, const struct deployment *d);
/* One alone, with the archives that its job was handed. */
void entity_deployment_whole(struct jsonw *w, const struct request *rq, const struct deployment *d,
			     const struct deployment_artifacts *artifacts);

#endif
