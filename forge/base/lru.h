/*
 * A bounded cache from bytes to bytes: what was not asked for longest goes
 * when the sum of keys, values and book-keeping passes the ceiling. For answers
 * that are costly to compute and never change under their key.
 *
 * Threads: any; one mutex, held for a lookup and a copy, a leaf in lock order.
 */
#ifndef BASE_LRU_H
#define BASE_LRU_H

#include "base/arena.h"

struct lru;

struct lru *lru_open(size_t bytes);
void lru_close(struct lru *lru); /* NULL is fine */

/* Copies the value into the arena, with a NUL behind it. */
MUST_USE bool lru_find(struct lru *lru, struct str key, struct arena *a, struct str *value);
/* Replaces; a value larger than a quarter of the ceiling is not kept. */
void lru_put(struct lru *lru, struct str key, struct str value);

size_t lru_bytes(struct lru *lru);

#endif
