/*
 * The runner's /metrics, in Prometheus' text format, on an address of its own.
 * One request is answered in one go by the claiming loop, so the socket is
 * never waited for.
 */
#ifndef RUNNER_METRICS_H
#define RUNNER_METRICS_H

#include "base/err.h"

struct runner_metrics {
	int64_t jobs_started;
	int64_t jobs_succeeded;
	int64_t jobs_failed;
	int64_t claims_answered; /* with a job */
	int64_t claims_empty;
	int64_t claims_failed;
	int64_t permits; /* heard on Redis */
};

/* address "" gives *fd = -1: no metrics. */
MUST_USE int runner_metrics_listen(const char *address, int *fd, struct err *e);

/* Takes one waiting connection and answers whatever it asks. */
void runner_metrics_answer(const struct runner_metrics *m, int running, int listener);

#endif
