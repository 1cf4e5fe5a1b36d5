/*
 * Points in time. Wall time is microseconds since 1970-01-01 UTC; durations
 * and deadlines use the monotonic clock, in milliseconds.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/str.h"

struct instant {
	int64_t us;
};

struct instant instant_now(void);

#define INSTANT_TEXT_MAX 32
/* RFC 3339 as GitLab writes it: 2024-01-31T16:47:55.123Z. */
void instant_format(struct instant t, char text[static INSTANT_TEXT_MAX]);
/* RFC 1123 for HTTP headers: Wed, 31 Jan 2024 16:47:55 GMT. */
void instant_format_http(struct instant t, char text[static INSTANT_TEXT_MAX]);
/* Accepts RFC 3339 with any offset and a date alone (midnight UTC). */
MUST_USE bool instant_parse(struct str s, struct instant *t);
struct instant instant_from_seconds(int64_t seconds);
int64_t instant_seconds(struct instant t);

/* Milliseconds of the monotonic clock. */
int64_t clock_monotonic_ms(void);
/* Processor time of this thread: the same on a busy machine. */
int64_t clock_thread_ms(void);

#endif
