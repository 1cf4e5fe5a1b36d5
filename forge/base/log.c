#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/jsonw.h"

#include <errno.h>

#define LINE_MAX_BYTES 8192

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

struct log log_to(int fd, enum log_level least, const char *role)
{
	return (struct log){ fd, least, isatty(fd) == 1, role };
}

bool log_level_parse(struct str s, enum log_level *level)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++) {
		if (str_eq_c(s, level_names[i])) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

static void add_json_pair(struct buf *line, const char *name, struct str value)
{
	buf_add_char(line, line->n == 0 ? '{' : ',');
	jsonw_add_string(line, str_c(name));
	buf_add_char(line, ':');
	jsonw_add_string(line, value);
}

static void render_json(struct buf *line, const char *time, const struct log *log,
			enum log_level level, const char *event, const struct log_field *fields)
{
	add_json_pair(line, "time", str_c(time));
	add_json_pair(line, "level", str_c(level_names[level]));
	add_json_pair(line, "role", str_c(log->role));
	add_json_pair(line, "event", str_c(event));
	for (const struct log_field *f = fields; f->name; f++) {
		if (f->kind == LOG_FIELD_STR) {
			add_json_pair(line, f->name, f->text);
			continue;
		}
		buf_add_char(line, ',');
		jsonw_add_string(line, str_c(f->name));
		buf_addf(line, ":%lld", (long long)f->number);
	}
	buf_add_char(line, '}');
}

/* Terminal escapes in a value must not reach the terminal: JSON's escaping serves here too. */
static void render_readable(struct buf *line, const char *time, const struct log *log,
			    enum log_level level, const char *event, const struct log_field *fields)
{
	buf_addf(line, "%.12s %-5s %-4s %s", time + 11, level_names[level], log->role, event);
	for (const struct log_field *f = fields; f->name; f++) {
		if (f->kind == LOG_FIELD_INT) {
			buf_addf(line, " %s=%lld", f->name, (long long)f->number);
			continue;
		}
		buf_addf(line, " %s=", f->name);
		jsonw_add_string(line, f->text);
	}
}

static void write_line(int fd, struct str line)
{
	while (line.n > 0) {
		ssize_t written = write(fd, line.p, line.n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		line = str_from(line, (size_t)written);
	}
}

void log_write(const struct log *log, enum log_level level, const char *event,
	       const struct log_field *fields)
{
	char time[INSTANT_TEXT_MAX];
	struct buf line;

	if (level < log->least)
		return;
	instant_format(instant_now(), time);
	buf_init(&line, LINE_MAX_BYTES);
	if (log->readable)
		render_readable(&line, time, log, level, event, fields);
	else
		render_json(&line, time, log, level, event, fields);
	if (line.full) {
		buf_clear(&line);
		render_json(
			&line, time, log, level, event,
			(const struct log_field[]){ F_C("cut", "fields were too long"), { 0 } });
	}
	buf_add_char(&line, '\n');
	write_line(log->fd, buf_str(&line));
	buf_fini(&line);
}
