/*
 * What clang-analyzer cannot see from one file, told by `make lint` to every
 * file but err.c: an error is never 0, and memory is never NULL.
 */
#ifndef SCRIPTS_ANALYZER_H
#define SCRIPTS_ANALYZER_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

void *mem_alloc(size_t size) __attribute__((returns_nonnull));
void *mem_alloc_array(size_t count, size_t size) __attribute__((returns_nonnull));
void *mem_grow(void *p, size_t size) __attribute__((returns_nonnull));
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));
void *arena_alloc_array(struct arena *a, size_t count, size_t size)
	__attribute__((returns_nonnull));

#define err_set(e, code, ...) ((void)err_set((e), (code), __VA_ARGS__), -(int)(code))
#define err_add(e, ...) ((void)err_add((e), __VA_ARGS__), -(int)ERR_INTERNAL)
#define err_errno(e, number, ...) ((void)err_errno((e), (number), __VA_ARGS__), -(int)ERR_INTERNAL)

#endif
