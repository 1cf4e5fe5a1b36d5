/*
 * The last snapshot of each repository of a process. What makes one valid is
 * written in ref_snapshot.h; a repository without a generation file (one that
 * is being restored, or made by hand) is scanned each time, since nothing
 * would tell us that a loose ref moved.
 *
 * One mutex over a bounded list, newest first. It is held while the counters
 * are read and, the first time, while their file is mapped; never in a scan.
 */
#include "git/generation.h"
#include "git/reader_private.h"
#include "git/ref_snapshot_private.h"

#include "base/clock.h"
#include "base/mem.h"

#include <pthread.h>
#include <sys/stat.h>

#define SLOTS_MAX 4096
#define REFS_KEPT_MAX 4000000u
#define BUCKETS 4096
#define SCAN_TRIES 3

/* Cheap evidence against changes made behind the counter's back. */
struct stamp {
	ino_t inode[2];
	struct timespec changed[2];
	off_t size[2];
};

struct slot {
	struct slot *next_in_bucket;
	struct slot *newer;
	struct slot *older;
	size_t bucket;
	char *path;
	struct git_generation *generation; /* NULL: no file */
	const struct ref_snapshot *refs;   /* NULL: none yet */
	uint64_t refs_generation;
	struct stamp stamp;
	int64_t scanned_ms;
};

struct snapshot_cache {
	pthread_mutex_t mutex;
	struct slot *newest;
	struct slot *oldest;
	size_t slot_count;
	size_t ref_count;
	struct slot *buckets[BUCKETS];
};

struct counters {
	bool known;
	uint64_t refs;
	uint64_t packs;
};

struct snapshot_cache *snapshot_cache_open(void)
{
	struct snapshot_cache *cache = MEM_NEW(struct snapshot_cache);

	ASSERT(pthread_mutex_init(&cache->mutex, NULL) == 0);
	return cache;
}

static size_t bucket_of(const char *path)
{
	uint32_t hash = 2166136261u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619u;
	return hash % BUCKETS;
}

static void unlink_slot(struct snapshot_cache *cache, struct slot *slot)
{
	*(slot->newer ? &slot->newer->older : &cache->newest) = slot->older;
	*(slot->older ? &slot->older->newer : &cache->oldest) = slot->newer;
}

static void link_newest(struct snapshot_cache *cache, struct slot *slot)
{
	slot->newer = NULL;
	slot->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = slot;
	cache->newest = slot;
}

static void drop_refs(struct snapshot_cache *cache, struct slot *slot)
{
	if (slot->refs == NULL)
		return;
	cache->ref_count -= slot->refs->count;
	ref_snapshot_unref(slot->refs);
	slot->refs = NULL;
}

static void drop_slot(struct snapshot_cache *cache, struct slot *slot)
{
	struct slot **at = &cache->buckets[slot->bucket];

	while (*at != slot)
		at = &(*at)->next_in_bucket;
	*at = slot->next_in_bucket;
	unlink_slot(cache, slot);
	drop_refs(cache, slot);
	cache->slot_count--;
	git_generation_close(slot->generation);
	mem_free(slot->path);
	mem_free(slot);
}

void snapshot_cache_close(struct snapshot_cache *cache)
{
	if (cache == NULL)
		return;
	while (cache->newest)
		drop_slot(cache, cache->newest);
	pthread_mutex_destroy(&cache->mutex);
	mem_free(cache);
}

static struct slot *find_slot(struct snapshot_cache *cache, const char *path)
{
	struct slot *slot = cache->buckets[bucket_of(path)];

	while (slot && strcmp(slot->path, path) != 0)
		slot = slot->next_in_bucket;
	return slot;
}

static struct slot *get_slot(struct snapshot_cache *cache, const char *path)
{
	struct slot *slot = find_slot(cache, path);

	if (slot) {
		unlink_slot(cache, slot);
	} else {
		slot = MEM_NEW(struct slot);
		slot->path = mem_strdup(path);
		slot->bucket = bucket_of(path);
		slot->next_in_bucket = cache->buckets[slot->bucket];
		cache->buckets[slot->bucket] = slot;
		cache->slot_count++;
	}
	link_newest(cache, slot);
	while (cache->oldest != slot &&
	       (cache->slot_count > SLOTS_MAX || cache->ref_count > REFS_KEPT_MAX))
		drop_slot(cache, cache->oldest);
	return slot;
}

/* Reads the counters, mapping or re-mapping their file if that is needed. */
static struct counters read_counters(struct slot *slot)
{
	struct err ignored = { 0 };

	if (slot->generation && git_generation_is_stale(slot->generation, slot->path)) {
		git_generation_close(slot->generation);
		slot->generation = NULL;
	}
	if (slot->generation == NULL &&
	    git_generation_open(slot->path, false, &slot->generation, &ignored))
		return (struct counters){ 0 };
	return (struct counters){ true, git_generation_refs(slot->generation),
				  git_generation_packs(slot->generation) };
}

static struct stamp read_stamp(const char *path)
{
	static const char *const names[2] = { "HEAD", "packed-refs" };
	struct stamp stamp = { 0 };
	char file[PATH_MAX + 16];
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]);
		if (lstat(file, &st) < 0)
			continue;
		stamp.inode[i] = st.st_ino;
		stamp.changed[i] = st.st_mtim;
		stamp.size[i] = st.st_size;
	}
	return stamp;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	for (size_t i = 0; i < ARRAY_LEN(a->inode); i++) {
		if (a->inode[i] != b->inode[i] || a->size[i] != b->size[i] ||
		    a->changed[i].tv_sec != b->changed[i].tv_sec ||
		    a->changed[i].tv_nsec != b->changed[i].tv_nsec)
			return false;
	}
	return true;
}

static bool is_valid(const struct slot *slot, const struct counters *counters,
		     const struct stamp *stamp)
{
	return slot->refs && counters->known && slot->refs_generation == counters->refs &&
	       same_stamp(&slot->stamp, stamp) &&
	       clock_monotonic_ms() - slot->scanned_ms < REF_SNAPSHOT_MAX_AGE_MS;
}

/* Looks; the reference in *refs is the caller's, valid or only a start for the next scan. */
static bool look(struct snapshot_cache *cache, const char *path, const struct stamp *stamp,
		 const struct ref_snapshot **refs, struct counters *counters)
{
	struct slot *slot;
	bool valid;

	pthread_mutex_lock(&cache->mutex);
	slot = get_slot(cache, path);
	*counters = read_counters(slot);
	valid = is_valid(slot, counters, stamp);
	*refs = slot->refs;
	if (*refs)
		ref_snapshot_ref(*refs);
	pthread_mutex_unlock(&cache->mutex);
	return valid;
}

/* Keeps the snapshot if no ref was being moved while it was made. */
static bool keep(struct snapshot_cache *cache, const char *path, const struct stamp *stamp,
		 struct ref_snapshot *made, struct counters *counters)
{
	struct counters before = *counters;
	struct slot *slot;
	bool still;

	pthread_mutex_lock(&cache->mutex);
	slot = get_slot(cache, path);
	*counters = read_counters(slot);
	still = counters->known == before.known && counters->refs == before.refs;
	made->generation = before.refs;
	if (still && counters->known) {
		drop_refs(cache, slot);
		ref_snapshot_ref(made);
		slot->refs = made;
		cache->ref_count += made->count;
		slot->refs_generation = before.refs;
		slot->stamp = *stamp;
		slot->scanned_ms = clock_monotonic_ms();
	}
	pthread_mutex_unlock(&cache->mutex);
	return still;
}

int snapshot_cache_get(struct snapshot_cache *cache, const char *path, struct repo_state *state,
		       struct err *e)
{
	const struct ref_snapshot *refs;
	struct counters counters;
	struct stamp stamp = read_stamp(path);
	bool done = look(cache, path, &stamp, &refs, &counters);

	for (int i = 0; !done; i++) {
		struct ref_snapshot *made;
		int result = ref_snapshot_scan(path, refs, &made, e);

		ref_snapshot_unref(refs);
		if (result) {
			if (result == -ERR_NOT_FOUND)
				snapshot_cache_forget(cache, path);
			return result;
		}
		refs = made;
		done = keep(cache, path, &stamp, made, &counters) || i + 1 == SCAN_TRIES;
		if (!done)
			stamp = read_stamp(path);
	}
	*state = (struct repo_state){ refs, counters.packs };
	return 0;
}

void snapshot_cache_forget(struct snapshot_cache *cache, const char *path)
{
	struct slot *slot;

	pthread_mutex_lock(&cache->mutex);
	slot = find_slot(cache, path);
	if (slot)
		drop_slot(cache, slot);
	pthread_mutex_unlock(&cache->mutex);
}
