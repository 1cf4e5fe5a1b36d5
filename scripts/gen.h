/*
 * What the generators share: reading and writing files, errors with a place,
 * and spelling C. A generator is a small compiler run by make; it reads its
 * inputs whole, checks everything, and only then writes. An output whose
 * bytes would not change is left alone, so that make rebuilds no more than needed.
 *
 * Memory is one arena, closed at exit.
 */
#ifndef SCRIPTS_GEN_H
#define SCRIPTS_GEN_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#define GEN_FILE_MAX ((size_t)16 << 20)

/* A place in a source file; line and column count from 1, column 0 is left out. */
struct gen_place {
	const char *file;
	size_t line;
	size_t column;
};

/* Sets ERR_INVALID "file:line:column: text" and returns -ERR_INVALID. */
int gen_fail(struct err *e, struct gen_place at, const char *format, ...) PRINTF_LIKE(3, 4);

MUST_USE int gen_read(struct arena *a, const char *path, struct str *text, struct err *e);
/* Makes the folders of path as needed; leaves the file alone if it holds these bytes already. */
MUST_USE int gen_write(const char *path, struct str text, struct err *e);

/* "a/b/user.sql" -> "user". */
struct str gen_stem(struct arena *a, const char *path);

/* Lower-case letter first, then lower-case letters, digits, '_'; and no word of C. */
bool gen_is_name(struct str s);

/* s as a C string literal, with quotes; one literal a line when it has several. */
void gen_c_string(struct buf *out, struct str s);

/* "app.css" -> ASSET_URL_APP_CSS, the macro of assets.h. */
void gen_asset_macro(struct buf *out, struct str name);

/* Prints the error for a person and gives the exit status of main. */
int gen_exit(int result, const char *program, const struct err *e);

#endif
