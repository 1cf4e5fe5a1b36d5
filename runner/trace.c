#include "runner/trace.h"

#include "archive/crc32.h"
#include "base/clock.h"

/* For the runner's own lines, above the job's limit. */
#define OWN_ROOM (1024u * 1024)

void trace_init(struct trace *t, struct arena *a, size_t secrets_most, size_t limit)
{
	*t = (struct trace){ .limit = limit };
	mask_init(&t->mask, a, secrets_most);
	buf_init(&t->bytes, limit + OWN_ROOM);
}

void trace_fini(struct trace *t)
{
	mask_fini(&t->mask);
	buf_fini(&t->bytes);
}

void trace_flush(struct trace *t)
{
	mask_flush(&t->mask, &t->bytes);
}

void trace_write(struct trace *t, struct str bytes)
{
	if (t->is_cut)
		return;
	if (bytes.n > t->limit - (t->bytes.n < t->limit ? t->bytes.n : t->limit)) {
		t->is_cut = true;
		mask_write(&t->mask,
			   str_upto(bytes, t->limit > t->bytes.n ? t->limit - t->bytes.n : 0),
			   &t->bytes);
		mask_drop(&t->mask);
		trace_say(t,
			  "\n\033[31;1mThe log passed its limit of %zu bytes; what follows is "
			  "left out.\033[0;m",
			  t->limit);
		return;
	}
	mask_write(&t->mask, bytes, &t->bytes);
}

void trace_say(struct trace *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	trace_vsay(t, format, args);
	va_end(args);
}

void trace_vsay(struct trace *t, const char *format, va_list args)
{
	trace_flush(t);
	buf_vaddf(&t->bytes, format, args);
	buf_add_char(&t->bytes, '\n');
}

void trace_section_start(struct trace *t, const char *name, const char *header)
{
	trace_flush(t);
	buf_addf(&t->bytes, "section_start:%lld:%s\r\033[0K",
		 (long long)instant_seconds(instant_now()), name);
	trace_say(t, "\033[36;1m%s\033[0;m", header);
}

void trace_section_end(struct trace *t, const char *name)
{
	trace_flush(t);
	buf_addf(&t->bytes, "section_end:%lld:%s\r\033[0K",
		 (long long)instant_seconds(instant_now()), name);
}

struct str trace_pending(const struct trace *t)
{
	return str_upto(str_from(buf_str(&t->bytes), t->sent), TRACE_PATCH_MAX);
}

uint32_t trace_crc(const struct trace *t)
{
	return crc32_add(0, buf_str(&t->bytes));
}
