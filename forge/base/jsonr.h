/*
 * Reading JSON (jansson behind this door; jsonr_, because json_ is its prefix).
 * Strict: valid UTF-8, no duplicate keys, no NUL in strings, at most
 * JSON_NESTING_MAX levels; errors carry line and column. The values live as
 * long as the arena they were parsed into.
 *
 * The getters take NULL and values of another type and then say "not there",
 * so that a path of getters needs one test at its end.
 *
 * Writing is jsonw.h.
 */
#ifndef BASE_JSONR_H
#define BASE_JSONR_H

#include "base/arena.h"
#include "base/err.h"

#define JSON_NESTING_MAX 64

struct jsonr;

/* ERR_INVALID with the place: "line 2, column 9: ...". */
MUST_USE int jsonr_parse(struct arena *a, struct str text, const struct jsonr **value,
			 struct err *e);

bool jsonr_is_object(const struct jsonr *j);
bool jsonr_is_array(const struct jsonr *j);
bool jsonr_is_null(const struct jsonr *j);

const struct jsonr *jsonr_get(const struct jsonr *object, const char *key);
size_t jsonr_length(const struct jsonr *array);
const struct jsonr *jsonr_at(const struct jsonr *array, size_t at);
/* Calls for each key of an object, in the order of the text. */
void jsonr_each(const struct jsonr *object,
		void (*visit)(struct str key, const struct jsonr *value, void *closure),
		void *closure);

struct str jsonr_text(const struct jsonr *j); /* STR_NONE if it is no string */
bool jsonr_integer(const struct jsonr *j, int64_t *value);
bool jsonr_boolean(const struct jsonr *j, bool *value);
bool jsonr_number(const struct jsonr *j, double *value);

#endif
