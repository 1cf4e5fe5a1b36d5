/*
 * What a process has counted since its start, for /metrics. One table of rows;
 * counting is one atomic add and takes no lock. A struct metrics belongs to
 * struct app; there are no globals.
 *
 * Threads: any.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include "base/buf.h"

/*
 * X(NAME, family, labels, sentence). Rows of one family stand together; a
 * family that ends in _total is a counter, any other a gauge.
 */
#define METRICS(X)                                                                                \
	X(HTTP_2XX, "hearth_http_requests_total", "class=\"2xx\"",                                \
	  "Requests answered, by class of status.")                                               \
	X(HTTP_3XX, "hearth_http_requests_total", "class=\"3xx\"", "")                            \
	X(HTTP_4XX, "hearth_http_requests_total", "class=\"4xx\"", "")                            \
	X(HTTP_5XX, "hearth_http_requests_total", "class=\"5xx\"", "")                            \
	X(HTTP_ACTIVE, "hearth_http_requests_active", "", "Requests being answered now.")         \
	X(HTTP_MS, "hearth_http_request_milliseconds_total", "",                                  \
	  "Time from the head of a request to the last byte of its answer, added up.")            \
	X(HTTP_SENT, "hearth_http_sent_bytes_total", "", "Bytes of answers' bodies.")             \
	X(HTTP_RECEIVED, "hearth_http_received_bytes_total", "", "Bytes of requests' bodies.")    \
	X(GIT_REFS, "hearth_git_http_total", "kind=\"refs\"", "Git requests over HTTP, by kind.") \
	X(GIT_UPLOAD, "hearth_git_http_total", "kind=\"upload\"", "")                             \
	X(GIT_RECEIVE, "hearth_git_http_total", "kind=\"receive\"", "")                           \
	X(JOBS_HANDED_OUT, "hearth_jobs_handed_out_total", "", "Jobs that runners got.")          \
	X(TRACE_BYTES, "hearth_trace_bytes_total", "", "Bytes of logs that runners sent.")        \
	X(SIGN_IN_FAILED, "hearth_authentication_failed_total", "",                               \
	  "Credentials that were refused over HTTP.")

enum metric {
#define METRIC_ENUM(name, family, labels, sentence) METRIC_##name,
	METRICS(METRIC_ENUM)
#undef METRIC_ENUM
		METRIC_COUNT
};

struct metrics;

struct metrics *metrics_open(void);
void metrics_close(struct metrics *m); /* NULL is fine */

void metrics_add(struct metrics *m, enum metric metric, int64_t n);
int64_t metrics_get(const struct metrics *m, enum metric metric);

/* Prometheus' text format, version 0.0.4. */
void metrics_write(const struct metrics *m, struct buf *out);
/* One more value in the same format, for what is counted elsewhere. */
void metrics_write_value(struct buf *out, const char *family, const char *sentence, int64_t value);

#endif
