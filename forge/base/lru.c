#include "base/lru.h"

#include "base/mem.h"
#include "base/random.h"

#include <pthread.h>

#define LRU_MAGIC 0x6c727563u
#define BYTES_A_BUCKET 4096

struct entry {
	struct entry *next_in_bucket;
	struct entry *newer;
	struct entry *older;
	uint64_t hash;
	size_t key_n;
	size_t value_n;
	char bytes[]; /* key, value */
};

struct lru {
	uint32_t magic;
	pthread_mutex_t mutex;
	uint64_t seed;
	size_t ceiling;
	size_t bytes;
	struct entry *newest;
	struct entry *oldest;
	size_t bucket_count; /* a power of two */
	struct entry **buckets;
};

struct lru *lru_open(size_t bytes)
{
	struct lru *lru = MEM_NEW(struct lru);

	lru->magic = LRU_MAGIC;
	lru->ceiling = bytes;
	lru->bucket_count = 16;
	while (lru->bucket_count < bytes / BYTES_A_BUCKET)
		lru->bucket_count *= 2;
	lru->buckets = mem_alloc_array(lru->bucket_count, sizeof(lru->buckets[0]));
	random_bytes(&lru->seed, sizeof(lru->seed));
	ASSERT(pthread_mutex_init(&lru->mutex, NULL) == 0);
	return lru;
}

void lru_close(struct lru *lru)
{
	if (lru == NULL)
		return;
	ASSERT(lru->magic == LRU_MAGIC);
	while (lru->newest) {
		struct entry *entry = lru->newest;

		lru->newest = entry->older;
		mem_free(entry);
	}
	pthread_mutex_destroy(&lru->mutex);
	mem_free(lru->buckets);
	lru->magic = 0;
	mem_free(lru);
}

/* FNV-1a from a secret start, so that keys which collide cannot be prepared. */
static uint64_t hash_of(const struct lru *lru, struct str key)
{
	uint64_t hash = lru->seed ^ 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.n; i++) {
		hash ^= (unsigned char)key.p[i];
		hash *= 0x100000001b3u;
	}
	return hash ^ (hash >> 29);
}

static size_t cost(const struct entry *entry)
{
	return sizeof(*entry) + entry->key_n + entry->value_n;
}

static struct entry **place_of(struct lru *lru, struct str key, uint64_t hash)
{
	struct entry **at = &lru->buckets[hash & (lru->bucket_count - 1)];

	while (*at && ((*at)->hash != hash || !str_eq(str_n((*at)->bytes, (*at)->key_n), key)))
		at = &(*at)->next_in_bucket;
	return at;
}

static void unlink_entry(struct lru *lru, struct entry *entry)
{
	*(entry->newer ? &entry->newer->older : &lru->newest) = entry->older;
	*(entry->older ? &entry->older->newer : &lru->oldest) = entry->newer;
}

static void link_newest(struct lru *lru, struct entry *entry)
{
	entry->newer = NULL;
	entry->older = lru->newest;
	*(lru->newest ? &lru->newest->newer : &lru->oldest) = entry;
	lru->newest = entry;
}

static void drop(struct lru *lru, struct entry **at)
{
	struct entry *entry = *at;

	ASSERT(entry != NULL);
	*at = entry->next_in_bucket;
	unlink_entry(lru, entry);
	lru->bytes -= cost(entry);
	mem_free(entry);
}

bool lru_find(struct lru *lru, struct str key, struct arena *a, struct str *value)
{
	uint64_t hash = hash_of(lru, key);
	struct entry *entry;

	ASSERT(lru->magic == LRU_MAGIC);
	pthread_mutex_lock(&lru->mutex);
	entry = *place_of(lru, key, hash);
	if (entry) {
		unlink_entry(lru, entry);
		link_newest(lru, entry);
		*value = arena_str(a, str_n(entry->bytes + entry->key_n, entry->value_n));
	}
	pthread_mutex_unlock(&lru->mutex);
	return entry != NULL;
}

static struct entry *make_entry(struct str key, struct str value, uint64_t hash)
{
	struct entry *entry = mem_alloc(sizeof(*entry) + key.n + value.n);

	entry->hash = hash;
	entry->key_n = key.n;
	entry->value_n = value.n;
	if (key.n)
		memcpy(entry->bytes, key.p, key.n);
	if (value.n)
		memcpy(entry->bytes + key.n, value.p, value.n);
	return entry;
}

void lru_put(struct lru *lru, struct str key, struct str value)
{
	uint64_t hash = hash_of(lru, key);
	struct entry *entry;
	struct entry **at;

	ASSERT(lru->magic == LRU_MAGIC);
	if (key.n > lru->ceiling / 4 || value.n > lru->ceiling / 4)
		return;
	entry = make_entry(key, value, hash);
	pthread_mutex_lock(&lru->mutex);
	at = place_of(lru, key, hash);
	if (*at)
		drop(lru, at);
	at = &lru->buckets[hash & (lru->bucket_count - 1)];
	entry->next_in_bucket = *at;
	*at = entry;
	link_newest(lru, entry);
	lru->bytes += cost(entry);
	while (lru->bytes > lru->ceiling) {
		struct entry *old = lru->oldest;

		ASSERT(old != NULL);
		drop(lru, place_of(lru, str_n(old->bytes, old->key_n), old->hash));
	}
	pthread_mutex_unlock(&lru->mutex);
}

size_t lru_bytes(struct lru *lru)
{
	size_t bytes;

	pthread_mutex_lock(&lru->mutex);
	bytes = lru->bytes;
	pthread_mutex_unlock(&lru->mutex);
	return bytes;
}
