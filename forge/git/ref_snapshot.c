#include "git/ref_snapshot_private.h"

#include "base/mem.h"

#include <stdatomic.h>

#define SNAPSHOT_MAGIC 0x72656673u
#define SNAPSHOT_BYTES ((size_t)2 << 30)

/* The public part first, so that one pointer is the other. */
struct owned_snapshot {
	struct ref_snapshot s;
	uint32_t magic;
	atomic_uint references;
	struct arena *arena;
};

struct ref_snapshot *ref_snapshot_new(struct arena **arena)
{
	struct owned_snapshot *owned = MEM_NEW(struct owned_snapshot);

	owned->magic = SNAPSHOT_MAGIC;
	atomic_init(&owned->references, 1);
	owned->arena = arena_open(SNAPSHOT_BYTES);
	*arena = owned->arena;
	return &owned->s;
}

/* Only the count changes; the snapshot itself stays as it is for all readers. */
static struct owned_snapshot *owner(const struct ref_snapshot *snapshot)
{
	struct owned_snapshot *owned = (struct owned_snapshot *)(uintptr_t)snapshot;

	ASSERT(owned->magic == SNAPSHOT_MAGIC);
	return owned;
}

void ref_snapshot_ref(const struct ref_snapshot *snapshot)
{
	atomic_fetch_add(&owner(snapshot)->references, 1);
}

void ref_snapshot_unref(const struct ref_snapshot *snapshot)
{
	struct owned_snapshot *owned;

	if (snapshot == NULL)
		return;
	owned = owner(snapshot);
	if (atomic_fetch_sub(&owned->references, 1) > 1)
		return;
	arena_close(owned->arena);
	owned->magic = 0;
	mem_free(owned);
}

/* The first ref whose name is not before `name`. */
static size_t lower_bound(const struct ref_snapshot *s, struct str name)
{
	size_t low = 0;
	size_t high = s->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(s->refs[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct ref *ref_snapshot_find(const struct ref_snapshot *s, struct str name)
{
	size_t at = lower_bound(s, name);

	return at < s->count && str_eq(s->refs[at].name, name) ? &s->refs[at] : NULL;
}

const struct ref *ref_snapshot_find_in(const struct ref_snapshot *s, const char *folder,
				       struct str name)
{
	char full[REF_NAME_MAX + 1];
	size_t n = strlen(folder);

	if (n + name.n > REF_NAME_MAX)
		return NULL;
	memcpy(full, folder, n);
	if (name.n)
		memcpy(full + n, name.p, name.n);
	return ref_snapshot_find(s, str_n(full, n + name.n));
}

size_t ref_snapshot_range(const struct ref_snapshot *s, struct str prefix, const struct ref **first)
{
	size_t start = lower_bound(s, prefix);
	size_t low = start;
	size_t high = s->count;

	/* Names with the prefix stand together: the first without it ends them. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_starts(s->refs[middle].name, prefix))
			low = middle + 1;
		else
			high = middle;
	}
	*first = start < s->count ? &s->refs[start] : NULL;
	return low - start;
}

static bool is_in(struct str name, const struct str *folders, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_starts(name, folders[i]))
			return true;
	}
	return false;
}

bool ref_is_internal(struct str name)
{
	const struct str folders[] = { STR("refs/forge/"), STR("refs/keep"),
				       STR("refs/pipelines/") };

	return is_in(name, folders, ARRAY_LEN(folders));
}

bool ref_is_unlisted(struct str name)
{
	const struct str folders[] = { STR("refs/merge-requests/"), STR("refs/environments/") };

	return is_in(name, folders, ARRAY_LEN(folders));
}
