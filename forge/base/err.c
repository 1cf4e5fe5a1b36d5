#include "base/err.h"

#include <errno.h>
#include <stdarg.h>

enum visibility { PUBLIC, PRIVATE };

struct err_row {
	const char *name;
	int status;
	enum visibility visibility;
	const char *sentence;
};

static const struct err_row rows[] = { [ERR_NONE] = { "NONE", 200, PUBLIC, "" },
#define ERR_ROW(name, status, visibility, level, sentence) \
	[ERR_##name] = { #name, status, visibility, sentence },
				       ERR_CODES(ERR_ROW)
#undef ERR_ROW
};

static const struct err_row *row_of(enum err_code code)
{
	ASSERT((size_t)code < ARRAY_LEN(rows));
	return &rows[code];
}

/* Drops a UTF-8 sequence that the ceiling of `text` cut in the middle. */
static void trim_cut_character(char *text)
{
	size_t n = strlen(text);
	size_t back = 0;

	if (n + 1 < ERR_TEXT_MAX)
		return;
	while (back < 4 && back < n && ((unsigned char)text[n - 1 - back] & 0xC0) == 0x80)
		back++;
	if (back < n && ((unsigned char)text[n - 1 - back] & 0xC0) == 0xC0)
		text[n - 1 - back] = '\0';
}

int err_set(struct err *e, enum err_code code, const char *format, ...)
{
	va_list args;

	ASSERT(code != ERR_NONE);
	e->code = code;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	trim_cut_character(e->text);
	return -(int)code;
}

int err_errno(struct err *e, int errno_value, const char *format, ...)
{
	va_list args;
	int written;
	size_t used;

	e->code = errno_value == ENOSPC || errno_value == EDQUOT ? ERR_DISK_FULL : ERR_INTERNAL;
	va_start(args, format);
	written = vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	used = written < 0 ? 0 : (size_t)written;
	if (used < sizeof(e->text) - 1) {
		char reason[128];
		const char *text = strerror_r(errno_value, reason, sizeof(reason));

		snprintf(e->text + used, sizeof(e->text) - used, ": %s", text);
	}
	trim_cut_character(e->text);
	return -(int)e->code;
}

int err_add(struct err *e, const char *format, ...)
{
	char below[ERR_TEXT_MAX];
	va_list args;
	int written;
	size_t used;

	ASSERT(e->code != ERR_NONE);
	memcpy(below, e->text, sizeof(below));
	va_start(args, format);
	written = vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	used = written < 0 ? 0 : (size_t)written;
	if (used < sizeof(e->text) - 1)
		snprintf(e->text + used, sizeof(e->text) - used, ": %.*s",
			 int_from_size(sizeof(e->text) - used), below);
	trim_cut_character(e->text);
	return -(int)e->code;
}

void err_clear(struct err *e)
{
	e->code = ERR_NONE;
	e->text[0] = '\0';
}

int err_http_status(enum err_code code)
{
	return row_of(code)->status;
}

const char *err_name(enum err_code code)
{
	return row_of(code)->name;
}

bool err_is_public(enum err_code code)
{
	return row_of(code)->visibility == PUBLIC;
}

const char *err_sentence(const struct err *e)
{
	const struct err_row *row = row_of(e->code);

	if (row->visibility == PUBLIC && e->text[0] != '\0')
		return e->text;
	return row->sentence;
}
