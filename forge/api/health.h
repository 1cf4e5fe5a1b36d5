/* Handlers of /-/health, /-/liveness, /-/readiness and /metrics. */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "request.h"

int api_health(struct request *rq, struct err *e);
int api_liveness(struct request *rq, struct err *e);
int api_readiness(struct request *rq, struct err *e);
int api_metrics(struct request *rq, struct err *e);

#endif
