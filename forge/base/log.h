/*
 * The log: one line an event on a descriptor; JSON, or readable on a terminal.
 *
 *	LOG(log, LOG_INFO, "push", F_STR("project", path), F_INT("refs", n));
 *	{"time":"2026-11-24T16:39:17.123Z","level":"info","role":"web","event":"push",
 *	 "request_id":"...","project":"a/b","refs":2}
 *
 * The edge that answers a person or ends an operation logs, once; libraries
 * return errors. Values are escaped; secrets are never passed.
 * Threads: any; a line is one write(2).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Set up once at start and passed down; read-only after that. */
struct log {
	int fd;
	enum log_level least;
	bool readable;
	const char *role; /* "web", "git", "cli", ... */
};

struct log_field {
	const char *name; /* NULL ends the list */
	enum { LOG_FIELD_STR, LOG_FIELD_INT } kind;
	struct str text;
	int64_t number;
};

#define F_STR(name, value)                        \
	{                                         \
		(name), LOG_FIELD_STR, (value), 0 \
	}
#define F_C(name, value)                               \
	{                                              \
		(name), LOG_FIELD_STR, str_c(value), 0 \
	}
#define F_INT(name, value)                               \
	{                                                \
		(name), LOG_FIELD_INT, STR_NONE, (value) \
	}
/* The code and the whole text of an error. */
#define F_ERR(e)                                                     \
	{ "error", LOG_FIELD_STR, str_c((e)->text), 0 },             \
	{                                                            \
		"code", LOG_FIELD_STR, str_c(err_name((e)->code)), 0 \
	}

/* JSON unless fd is a terminal. */
struct log log_to(int fd, enum log_level least, const char *role);

void log_write(const struct log *log, enum log_level level, const char *event,
	       const struct log_field *fields);

#define LOG(log, level, event, ...) \
	log_write((log), (level), (event), (const struct log_field[]){ __VA_ARGS__, { 0 } })

/* "debug|info|warn|error"; false if it is none of them. */
MUST_USE bool log_level_parse(struct str s, enum log_level *level);

#endif
