/*
 * What runners write in their calls, read and checked; pure. Bytes of strangers:
 * tests/fuzz/runner_message_fuzz.c. Source: gitlab-compat 1.4, 1.6, 1.7.
 */
#ifndef API_RUNNER_MESSAGE_H
#define API_RUNNER_MESSAGE_H

#include "base/jsonr.h"
#include "domain/job.h"
#include "domain/trace.h"

/* What a host says of itself; missing things are empty. ip is the caller's to fill in. */
struct runner_manager runner_message_manager(const struct jsonr *body);
/* info.features.redis_queue: it can wait on Redis. */
bool runner_message_knows_queue(const struct jsonr *body);

/* output {checksum "crc32:0a1b2c3d", bytesize}; not sent is not given. */
MUST_USE int runner_message_sum(const struct jsonr *body, struct trace_sum *sum, struct err *e);

/* failure_reason and exit_code; is_success stays. */
MUST_USE int runner_message_report(const struct jsonr *body, struct job_report *report,
				   struct err *e);

/* Content-Range "START-END": START. END is not believed, the bytes are counted. */
MUST_USE int runner_message_start(struct str range, int64_t *start, struct err *e);

#endif
