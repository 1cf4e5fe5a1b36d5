#include "git/oid_set.h"

#include "base/mem.h"
#include "base/random.h"

#define SLOTS_FIRST 256

static size_t slot_of(const struct oid_set *set, const struct oid *oid)
{
	size_t mask = set->slot_count - 1;
	uint64_t words[2];
	uint64_t hash;
	size_t at;

	memcpy(words, oid->b, sizeof(words));
	hash = (words[0] ^ set->seed) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ (hash >> 32) ^ words[1]) * 0x9e3779b97f4a7c15u;
	at = (size_t)(hash >> 20) & mask;
	while (!oid_is_zero(&set->slots[at]) && !oid_eq(&set->slots[at], oid))
		at = (at + 1) & mask;
	return at;
}

static void grow(struct oid_set *set)
{
	struct oid *old = set->slots;
	size_t old_count = set->slot_count;

	if (old_count == 0)
		random_bytes(&set->seed, sizeof(set->seed));
	set->slot_count = old_count ? 2 * old_count : SLOTS_FIRST;
	set->slots = mem_alloc_array(set->slot_count, sizeof(set->slots[0]));
	for (size_t i = 0; i < old_count; i++) {
		if (!oid_is_zero(&old[i]))
			set->slots[slot_of(set, &old[i])] = old[i];
	}
	mem_free(old);
}

void oid_set_fini(struct oid_set *set)
{
	mem_free(set->slots);
	*set = (struct oid_set){ 0 };
}

bool oid_set_add(struct oid_set *set, const struct oid *oid)
{
	size_t at;

	if (oid_is_zero(oid))
		return false;
	if (2 * (set->count + 1) > set->slot_count)
		grow(set);
	at = slot_of(set, oid);
	if (!oid_is_zero(&set->slots[at]))
		return false;
	set->slots[at] = *oid;
	set->count++;
	return true;
}

bool oid_set_has(const struct oid_set *set, const struct oid *oid)
{
	return set->count > 0 && !oid_is_zero(oid) && !oid_is_zero(&set->slots[slot_of(set, oid)]);
}
