/*
 * A job's log on its way to the forge: masked bytes in order, the CRC-32 of all
 * of them, and which are still to be sent. All is kept until the end, because
 * the forge may ask for it from the start again (412).
 */
#ifndef RUNNER_TRACE_H
#define RUNNER_TRACE_H

#include "base/buf.h"
#include "runner/mask.h"

#include <stdarg.h>

#define TRACE_PATCH_MAX (1024u * 1024)

struct trace {
	struct mask mask;
	struct buf bytes;
	size_t limit; /* of what the job may write; then one line says so, once */
	size_t sent;
	bool is_cut;
};

void trace_init(struct trace *t, struct arena *a, size_t secrets_most, size_t limit);
void trace_fini(struct trace *t);

/* What the job wrote. */
void trace_write(struct trace *t, struct str bytes);
/* A line of the runner's own: never cut, never masked across its border. */
void trace_say(struct trace *t, const char *format, ...) PRINTF_LIKE(2, 3);
void trace_vsay(struct trace *t, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* "section_start:<unix>:<name>\r\e[0K" + header, and its end. */
void trace_section_start(struct trace *t, const char *name, const char *header);
void trace_section_end(struct trace *t, const char *name);
/* Nothing held back any more. */
void trace_flush(struct trace *t);

/* The next bytes to send, at most TRACE_PATCH_MAX, from t->sent. */
struct str trace_pending(const struct trace *t);
uint32_t trace_crc(const struct trace *t);

#endif
