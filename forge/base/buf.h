/*
 * Growing bytes with a ceiling given at birth. Adding beyond the ceiling adds
 * nothing more and marks the buffer full; the code that started it asks once
 * at the end with buf_check, so that the many adds need no test each.
 * There is always a NUL behind the n bytes.
 *
 * Ownership: buf_init .. buf_fini by the caller. Threads: one at a time.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/str.h"

#include <stdarg.h>

struct buf {
	char *p;
	size_t n;
	size_t room;
	size_t ceiling;
	bool full;
};

void buf_init(struct buf *b, size_t ceiling);
void buf_fini(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory; no longer full */

void buf_add(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *c);
void buf_add_char(struct buf *b, char c);
void buf_add_bytes(struct buf *b, const void *p, size_t n);
void buf_addf(struct buf *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *b, const char *format, va_list args) PRINTF_LIKE(2, 0);
void buf_add_hex(struct buf *b, const unsigned char *bytes, size_t n);

/* Room for n more bytes at the end, or NULL (and full). Then buf_added tells how many were used. */
char *buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);

/* Removes the first n bytes. */
void buf_drop_front(struct buf *b, size_t n);

/* Borrowed: valid until the next change. */
struct str buf_str(const struct buf *b);

/* ERR_TOO_LARGE "<what> is larger than the limit of N bytes" if the buffer is full. */
MUST_USE int buf_check(const struct buf *b, const char *what, struct err *e);

#endif
