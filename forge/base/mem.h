/*
 * Long-lived memory, behind the open/close pair of an object. Whatever belongs
 * to one request lives in its arena (arena.h) instead.
 * Running out of memory aborts the process.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include "base/compiler.h"

/* Zeroed. */
void *mem_alloc(size_t size);
void *mem_alloc_array(size_t count, size_t size);
/* Grows or shrinks; new bytes are not cleared. p may be NULL. */
void *mem_grow(void *p, size_t size);
char *mem_strdup(const char *c);
/* NULL is fine. */
void mem_free(void *p);

/* A zeroed object: struct pool *p = MEM_NEW(struct pool). */
#define MEM_NEW(type) ((type *)mem_alloc(sizeof(type)))

#endif
