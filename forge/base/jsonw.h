/*
 * Writing JSON straight into a buffer. Used where answers are large or hot;
 * commas are kept by the writer. Text that is not UTF-8 is written with
 * U+FFFD in place of each bad byte, because JSON has no other way (RFC 8259).
 *
 *	struct jsonw w = jsonw_to(&buf);
 *	jsonw_object(&w);
 *	jsonw_key(&w, "id"); jsonw_int(&w, 7);
 *	jsonw_field_str(&w, "name", name);
 *	jsonw_end(&w);
 *
 * Threads: one writer, one thread.
 */
#ifndef BASE_JSONW_H
#define BASE_JSONW_H

#include "base/buf.h"
#include "base/clock.h"

#define JSON_DEPTH_MAX 32

struct jsonw {
	struct buf *out;
	unsigned depth;
	bool has_items[JSON_DEPTH_MAX];
	bool is_array[JSON_DEPTH_MAX];
	bool after_key;
};

struct jsonw jsonw_to(struct buf *out);

void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_end(struct jsonw *w); /* of the innermost object or array */
void jsonw_key(struct jsonw *w, const char *key);
void jsonw_key_str(struct jsonw *w, struct str key); /* the caller sees to it that keys differ */

void jsonw_str(struct jsonw *w, struct str value); /* none gives null */
void jsonw_int(struct jsonw *w, int64_t value);
void jsonw_bool(struct jsonw *w, bool value);
void jsonw_null(struct jsonw *w);
void jsonw_double(struct jsonw *w, double value); /* not finite gives null */
void jsonw_time(struct jsonw *w, struct instant value);
/* Text that is JSON already. */
void jsonw_raw(struct jsonw *w, struct str json);

void jsonw_field_str(struct jsonw *w, const char *key, struct str value);
void jsonw_field_int(struct jsonw *w, const char *key, int64_t value);
void jsonw_field_bool(struct jsonw *w, const char *key, bool value);
void jsonw_field_null(struct jsonw *w, const char *key);
void jsonw_field_time(struct jsonw *w, const char *key, struct instant value);
void jsonw_field_object(struct jsonw *w, const char *key);
void jsonw_field_array(struct jsonw *w, const char *key);

/* One string with its quotes; the primitive under the writer and the log. */
void jsonw_add_string(struct buf *out, struct str s);

#endif
