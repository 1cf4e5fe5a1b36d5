/*
 * How templates write pages. scripts/tmplgen compiles web/templates into calls
 * of these functions; people do not call them.
 *
 * Escaping is secured twice. By place: the generator knows whether a value
 * stands in text, in a quoted attribute, in a URL or in its query, and picks
 * the function. By type: the EMIT_ macros take exactly struct str, const char *,
 * the integers, and in text struct html (the one raw type, render/html.h);
 * anything else does not compile. Bytes that are not UTF-8 and control
 * characters become U+FFFD, so a page is always well-formed text.
 *
 * A full buffer is found by whoever started it (buf_check). Threads: one
 * struct emit, one thread.
 */
#ifndef RENDER_EMIT_H
#define RENDER_EMIT_H

#include "base/buf.h"
#include "base/clock.h"
#include "render/html.h"
#include "render/i18n.h"

struct emit {
	struct buf *out;
	const struct language *language; /* never NULL */
	struct str base_path;            /* of external_url: "" or "/git" */
	struct str csrf;                 /* the session's token; none for strangers */
};

/* Literal markup of the template. */
void emit_markup(struct emit *out, const char *bytes, size_t n);

void emit_text_str(struct emit *out, struct str s); /* also right in a quoted attribute */
void emit_text_c(struct emit *out, const char *c);
void emit_text_i64(struct emit *out, int64_t n);
void emit_text_u64(struct emit *out, uint64_t n);
void emit_text_html(struct emit *out, struct html html);

/* A whole URL: http, https, mailto, ssh or without a scheme; any other becomes "#". */
void emit_url_str(struct emit *out, struct str s);
void emit_url_c(struct emit *out, const char *c);
/* Part of a URL's path: percent-encoded, '/' stays. */
void emit_path_str(struct emit *out, struct str s);
void emit_path_c(struct emit *out, const char *c);
/* One segment of a path, or a value behind '?' or '#': percent-encoded, '/' too. */
void emit_query_str(struct emit *out, struct str s);
void emit_query_c(struct emit *out, const char *c);

void emit_base_path(struct emit *out);
void emit_csrf(struct emit *out);                    /* the hidden form field */
void emit_time(struct emit *out, struct instant at); /* <time datetime="..."> in UTC */

/* clang-format off */
#define EMIT_INTEGERS                                                                              \
	signed char: emit_text_i64, short: emit_text_i64, int: emit_text_i64,                      \
	long: emit_text_i64, long long: emit_text_i64, unsigned char: emit_text_u64,               \
	unsigned short: emit_text_u64, unsigned int: emit_text_u64,                                \
	unsigned long: emit_text_u64, unsigned long long: emit_text_u64

#define EMIT_TEXT(out, x)                                                                          \
	_Generic((x), struct str: emit_text_str, char *: emit_text_c, const char *: emit_text_c,   \
		 struct html: emit_text_html, EMIT_INTEGERS)((out), (x))
#define EMIT_ATTR(out, x)                                                                          \
	_Generic((x), struct str: emit_text_str, char *: emit_text_c, const char *: emit_text_c,   \
		 EMIT_INTEGERS)((out), (x))
#define EMIT_URL(out, x)                                                                           \
	_Generic((x), struct str: emit_url_str, char *: emit_url_c, const char *: emit_url_c)((out), (x))
#define EMIT_PATH(out, x)                                                                          \
	_Generic((x), struct str: emit_path_str, char *: emit_path_c, const char *: emit_path_c,   \
		 EMIT_INTEGERS)((out), (x))
#define EMIT_QUERY(out, x)                                                                         \
	_Generic((x), struct str: emit_query_str, char *: emit_query_c,                            \
		 const char *: emit_query_c, EMIT_INTEGERS)((out), (x))

/* {{ if }}: not empty, not zero, not NULL */
bool emit_true_str(struct str s);
bool emit_true_c(const char *c);
bool emit_true_html(struct html html);
bool emit_true_instant(struct instant at);
bool emit_true_i64(int64_t n);
bool emit_true_u64(uint64_t n);
bool emit_true_pointer(const void *p);
#define EMIT_TRUE(x)                                                                               \
	_Generic((x), struct str: emit_true_str, char *: emit_true_c, const char *: emit_true_c,   \
		 struct html: emit_true_html, struct instant: emit_true_instant,                   \
		 bool: emit_true_u64, signed char: emit_true_i64, short: emit_true_i64,            \
		 int: emit_true_i64, long: emit_true_i64, long long: emit_true_i64,                \
		 unsigned char: emit_true_u64, unsigned short: emit_true_u64,                      \
		 unsigned int: emit_true_u64, unsigned long: emit_true_u64,                        \
		 unsigned long long: emit_true_u64, default: emit_true_pointer)(x)

/* An argument of a message or of a comparison. */
enum emit_kind {
	EMIT_KIND_STR,
	EMIT_KIND_INTEGER,
	EMIT_KIND_INSTANT,
};
struct emit_value {
	enum emit_kind kind;
	struct str str;
	int64_t integer;
	struct instant instant;
};
struct emit_value emit_value_str(struct str s);
struct emit_value emit_value_c(const char *c);
struct emit_value emit_value_i64(int64_t n);
struct emit_value emit_value_u64(uint64_t n);
struct emit_value emit_value_instant(struct instant at);
#define EMIT_VALUE(x)                                                                              \
	_Generic((x), struct str: emit_value_str, char *: emit_value_c,                            \
		 const char *: emit_value_c, struct instant: emit_value_instant,                   \
		 signed char: emit_value_i64, short: emit_value_i64, int: emit_value_i64,          \
		 long: emit_value_i64, long long: emit_value_i64, unsigned char: emit_value_u64,   \
		 unsigned short: emit_value_u64, unsigned int: emit_value_u64,                     \
		 unsigned long: emit_value_u64, unsigned long long: emit_value_u64)(x)
#define EMIT_STR(x)                                                                                \
	_Generic((x), struct str: emit_value_str, char *: emit_value_c,                            \
		 const char *: emit_value_c)(x)
#define EMIT_INTEGER(x)                                                                            \
	_Generic((x), signed char: emit_value_i64, short: emit_value_i64, int: emit_value_i64,     \
		 long: emit_value_i64, long long: emit_value_i64, unsigned char: emit_value_u64,   \
		 unsigned short: emit_value_u64, unsigned int: emit_value_u64,                     \
		 unsigned long: emit_value_u64, unsigned long long: emit_value_u64)(x)
/* clang-format on */

/* Values of two kinds are never equal. */
bool emit_equal(struct emit_value a, struct emit_value b);

/*
 * {{ t }}: the message in the page's language with its placeholders filled.
 * A moment is a <time> in text and plain text in an attribute.
 */
struct emit_message {
	const char *one;   /* the msgid */
	const char *other; /* English plural, or NULL; then the first value is the number */
	bool in_attribute;
};
void emit_message(struct emit *out, const struct emit_message *message,
		  const struct emit_value *values, size_t count);

/* {{ include layout/head v.head }}: the address of a struct, or a pointer as it is. */
#define EMIT_INCLUDE(type, x) _Generic((x), type : &(x), type * : (x), const type * : (x))

#endif
