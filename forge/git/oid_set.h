/*
 * A growing set of object names, for walks that must know what they have met.
 * Names are chosen by strangers, so the hash starts from a random seed.
 * Threads: one set, one thread at a time.
 */
#ifndef GIT_OID_SET_H
#define GIT_OID_SET_H

#include "git/oid.h"

struct oid_set {
	struct oid *slots; /* a power of two, at most half full; zero is free */
	size_t slot_count;
	size_t count;
	uint64_t seed;
};

void oid_set_fini(struct oid_set *set); /* empty again, and usable */
/* False: it was there already. The zero name is never in a set. */
bool oid_set_add(struct oid_set *set, const struct oid *oid);
MUST_USE bool oid_set_has(const struct oid_set *set, const struct oid *oid);

#endif
