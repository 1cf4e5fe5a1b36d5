/*
 * A request's memory: allocate, never free, close once. Anything that is not
 * memory (descriptors, handles) is linked to the arena with a closer and dies
 * with it, last linked first.
 *
 * The ceiling given at birth bounds what a stranger can make one request use;
 * passing it aborts, so code that copies input of unbounded size checks the
 * input's own limit first and refuses it with a sentence.
 *
 * Threads: one arena, one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/compiler.h"
#include "base/str.h"

#include <stdarg.h>

struct arena;

/* ceiling in bytes; 0 means the default of 256 MiB. */
struct arena *arena_open(size_t ceiling);
/* Runs the closers and frees all. NULL is fine. */
void arena_close(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, count) ((type *)arena_alloc_array((a), (count), sizeof(type)))

/* Copies; the result has a NUL behind its n bytes, so .p serves as a C string. */
struct str arena_str(struct arena *a, struct str s);
char *arena_strdup(struct arena *a, const char *c);
char *arena_cstr(struct arena *a, struct str s);
char *arena_strf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);
struct str arena_fmt(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

/* closer(object) runs when the arena is closed, or reset to a mark set before the link. */
void arena_link(struct arena *a, void (*closer)(void *object), void *object);

/* For loops: what was allocated and linked after the mark goes at the reset. */
struct arena_mark {
	void *block;
	size_t used;
	void *link;
};
struct arena_mark arena_mark(const struct arena *a);
void arena_reset(struct arena *a, struct arena_mark mark);

/* Bytes handed out so far; for limits and tests. */
size_t arena_used(const struct arena *a);

#endif
