/*
 * A hash table from byte strings to pointers, in an arena: for lookups inside
 * one request, one plan, one ref list. Keys are copied; the order of insertion
 * is kept for iteration. The hash starts from a random seed, so that names
 * which collide cannot be prepared; inputs are bounded by their own limits.
 *
 * Threads: one table, one thread.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/arena.h"

struct table_entry {
	struct str key;
	void *value;
};

struct table {
	struct arena *arena;
	struct table_entry *entries; /* in order of insertion */
	size_t count;
	size_t room;
	uint32_t *slots; /* index + 1 into entries, 0 = free */
	size_t slot_count;
	uint64_t seed;
};

void table_init(struct table *t, struct arena *a);
/* Replaces the value of a key that is there. value must not be NULL. */
void table_set(struct table *t, struct str key, void *value);
/* NULL if there is none. */
void *table_find(const struct table *t, struct str key);

#endif
