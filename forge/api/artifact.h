/*
 * Artifacts in the API: the runner's door (artifact_runner.c) and that of
 * people's programs (artifact.c). Both send the same bytes in the same way.
 * Threads: the request's.
 */
#ifndef API_ARTIFACT_H
#define API_ARTIFACT_H

#include "api/api.h"
#include "domain/artifact.h"

/* The whole file as an attachment: strangers' bytes, marked so. */
MUST_USE int api_send_artifact(struct request *rq, const struct artifact *artifact, struct err *e);

#endif
