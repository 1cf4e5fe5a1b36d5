/*
 * Borrowed slices of bytes. A struct str owns nothing and need not end with a
 * NUL; whoever made it says how long it lives. An absent value is {NULL, 0};
 * an empty one has p != NULL.
 *
 * Threads: pure functions.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/compiler.h"

#include <stdbool.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* A literal: STR("main"). */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })

/* For printf: "%.*s", STR_FMT(s). Cuts at INT_MAX. */
#define STR_FMT(s) str_format_length(s), ((s).p ? (s).p : "")

int str_format_length(struct str s);

/* c may be NULL, which gives STR_NONE. */
struct str str_c(const char *c);
struct str str_n(const char *p, size_t n);

bool str_is_none(struct str s);
bool str_is_empty(struct str s); /* none or of length 0 */
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *b);
bool str_eq_nocase(struct str a, struct str b); /* ASCII letters only */
int str_cmp(struct str a, struct str b);        /* by bytes, shorter first: git's order of names */
bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_has(struct str s, char c);

/* Position of the first (last) c, or s.n if there is none. */
size_t str_find(struct str s, char c);
size_t str_find_last(struct str s, char c);
/* Position of the first occurrence of what, or s.n. */
size_t str_find_str(struct str s, struct str what);

/* Parts; positions beyond the end are clamped. */
struct str str_from(struct str s, size_t at);
struct str str_upto(struct str s, size_t at);
struct str str_trim(struct str s); /* space, tab, CR, LF at both ends */

/* Removes prefix from *s if it is there; says whether it was. */
bool str_cut_prefix(struct str *s, struct str prefix);

/*
 * Takes the part of *rest before the next `separator` and moves *rest behind
 * it. When *rest is none there is nothing left and it says false; so "a,b,"
 * gives "a", "b", "" and "" gives one empty part.
 */
bool str_cut(struct str *rest, char separator, struct str *part);

/* Decimal, optional leading '-', nothing else, no overflow. */
MUST_USE bool str_to_i64(struct str s, int64_t *value);
/* 0..15, or -1. */
int str_hex_digit(char c);
/* Lower- or upper-case hex of exactly 2*n digits into n bytes. */
MUST_USE bool str_to_bytes(struct str hex, unsigned char *bytes, size_t n);

/* Copies into a fixed array with a NUL; false (and "" in it) if it does not fit. */
MUST_USE bool str_copy(char *to, size_t room, struct str s);

/* Length in bytes of the well-formed UTF-8 character s starts with (RFC 3629), or 0. */
size_t str_utf8_length(struct str s);

/* True if s is well-formed UTF-8 (no overlong forms, surrogates or NUL bytes). */
bool str_is_utf8_text(struct str s);

#endif
