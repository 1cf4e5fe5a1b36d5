/*
 * Errors are values with context.
 *
 * A function that can fail returns 0 or a negative err_code and takes a
 * `struct err *` as its last argument; on success it leaves *e alone, so calls
 * chain with `||` or `goto out`. Libraries never log: the edge that answers the
 * person (page, API, CLI, push) logs once.
 *
 * Two kinds of sentence, told apart by the code's row in ERR_CODES:
 *  - rows marked PUBLIC: `text` is written for the person who caused the error:
 *    which rule, why, who can change it, what next. It is shown as it is in the
 *    page, the API, the CLI and `git push`; it must not hold secrets.
 *  - rows marked PRIVATE: `text` is for the log; the person sees the row's
 *    own sentence and the request id.
 *
 * Out of memory is not an error here: allocation aborts the process.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/compiler.h"

#include <stdbool.h>

/* X(name, HTTP status, visibility, log level, sentence shown when text is private or empty) */
#define ERR_CODES(X)                                                                             \
	X(INVALID, 400, PUBLIC, INFO, "The request is not valid.")                               \
	X(UNAUTHENTICATED, 401, PUBLIC, INFO, "Sign in, or send a token, to do this.")           \
	X(FORBIDDEN, 403, PUBLIC, INFO, "You are not allowed to do this.")                       \
	X(NOT_FOUND, 404, PUBLIC, INFO,                                                          \
	  "There is nothing here, or you are not allowed to see it.")                            \
	X(METHOD, 405, PUBLIC, INFO, "This address does not answer that method.")                \
	X(CONFLICT, 409, PUBLIC, INFO, "Somebody else changed this first.")                      \
	X(GONE, 410, PUBLIC, INFO, "This is no longer available.")                               \
	X(PRECONDITION, 412, PUBLIC, INFO, "A precondition of this request does not hold.")      \
	X(TOO_LARGE, 413, PUBLIC, INFO, "This is larger than the limit.")                        \
	X(RANGE, 416, PUBLIC, INFO, "The range asked for does not exist.")                       \
	X(UNPROCESSABLE, 422, PUBLIC, INFO, "The values sent cannot be used.")                   \
	X(RATE_LIMITED, 429, PUBLIC, INFO, "Too many requests; try again later.")                \
	X(BUSY, 503, PUBLIC, WARN, "The server is busy; try again in a moment.")                 \
	X(UNAVAILABLE, 503, PRIVATE, ERROR, "A part of the server is not available; try again.") \
	X(OUTCOME_UNKNOWN, 503, PRIVATE, ERROR,                                                  \
	  "The server cannot tell whether this was saved: look before you try again.")           \
	X(TIMEOUT, 504, PRIVATE, WARN,                                                           \
	  "The server took too long and gave up; nothing was changed.")                          \
	X(DISK_FULL, 507, PRIVATE, ERROR,                                                        \
	  "The server's disk is full, so this was not done. An administrator must make room; "   \
	  "then try again.")                                                                     \
	X(INTERNAL, 500, PRIVATE, ERROR, "Something went wrong on the server.")

enum err_code {
	ERR_NONE = 0,
#define ERR_ENUM(name, status, visibility, level, sentence) ERR_##name,
	ERR_CODES(ERR_ENUM)
#undef ERR_ENUM
};

#define ERR_TEXT_MAX 512

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX]; /* NUL-terminated UTF-8, cut at a character if too long */
};

/* Sets code and text, and returns -code so that `return err_set(...)` reads well. */
int err_set(struct err *e, enum err_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* As err_set with ERR_INTERNAL (no room: ERR_DISK_FULL); appends ": " and strerror(errno_value). */
int err_errno(struct err *e, int errno_value, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts context before the text on the way up: "claim job 12: connect: refused". Returns -code. */
int err_add(struct err *e, const char *format, ...) PRINTF_LIKE(2, 3);

void err_clear(struct err *e);

/* The HTTP status of a code; 200 for ERR_NONE. */
int err_http_status(enum err_code code);

/* "NOT_FOUND"; the word that logs and the API's `code` field carry. */
const char *err_name(enum err_code code);

/* True if the text itself may be shown to the person. */
bool err_is_public(enum err_code code);

/* What the person is shown: the text, or the code's own sentence. Valid while *e is. */
const char *err_sentence(const struct err *e);

#endif
