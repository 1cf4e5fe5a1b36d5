#include "base/table.h"

#include "base/random.h"

#define FIRST_ROOM 8

void table_init(struct table *t, struct arena *a)
{
	*t = (struct table){ .arena = a };
	random_bytes(&t->seed, sizeof(t->seed));
}

/* FNV-1a over the bytes from a random start, with a final mix. */
static uint64_t hash_of(const struct table *t, struct str key)
{
	uint64_t h = t->seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++) {
		h ^= (unsigned char)key.p[i];
		h *= 0x100000001b3u;
	}
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdu;
	return h ^ (h >> 33);
}

/* The slot that holds key, or the free one where it belongs. */
static size_t slot_of(const struct table *t, struct str key)
{
	size_t mask = t->slot_count - 1;
	size_t at = hash_of(t, key) & mask;

	while (t->slots[at] != 0 && !str_eq(t->entries[t->slots[at] - 1].key, key))
		at = (at + 1) & mask;
	return at;
}

static void grow(struct table *t)
{
	size_t room = t->room ? t->room * 2 : FIRST_ROOM;
	struct table_entry *entries = ARENA_ARRAY(t->arena, struct table_entry, room);

	if (t->count > 0)
		memcpy(entries, t->entries, t->count * sizeof(*entries));
	t->entries = entries;
	t->room = room;
	t->slot_count = room * 2;
	t->slots = ARENA_ARRAY(t->arena, uint32_t, t->slot_count);
	for (size_t i = 0; i < t->count; i++)
		t->slots[slot_of(t, entries[i].key)] = u32_from_size(i + 1);
}

void table_set(struct table *t, struct str key, void *value)
{
	size_t slot;

	ASSERT(value != NULL);
	if (t->count == t->room)
		grow(t);
	slot = slot_of(t, key);
	if (t->slots[slot] == 0) {
		t->entries[t->count].key = arena_str(t->arena, key);
		t->slots[slot] = u32_from_size(++t->count);
	}
	t->entries[t->slots[slot] - 1].value = value;
}

void *table_find(const struct table *t, struct str key)
{
	size_t slot;

	if (t->count == 0)
		return NULL;
	slot = slot_of(t, key);
	return t->slots[slot] ? t->entries[t->slots[slot] - 1].value : NULL;
}
