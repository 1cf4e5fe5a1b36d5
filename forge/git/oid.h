/*
 * Names of git objects: 20 bytes (SHA-1 repositories only, see forge/git/README.md).
 * Threads: pure functions.
 */
#ifndef GIT_OID_H
#define GIT_OID_H

#include "base/arena.h"

#define OID_BYTES 20
#define OID_HEX 40

struct oid {
	unsigned char b[OID_BYTES];
};

/* Exactly 40 hex digits of either case. */
MUST_USE bool oid_parse(struct str hex, struct oid *oid);
void oid_format(const struct oid *oid, char text[static OID_HEX + 1]);
/* 40 lower-case digits in the arena. */
struct str oid_hex(struct arena *a, const struct oid *oid);
/* The first `digits` of them, for people; 8 is what the pages show. */
struct str oid_short(struct arena *a, const struct oid *oid, size_t digits);

bool oid_eq(const struct oid *a, const struct oid *b);
int oid_cmp(const struct oid *a, const struct oid *b);
/* All zeros: "no such ref" in commands of a push. */
bool oid_is_zero(const struct oid *oid);
/* The tree without entries, which exists in every repository. */
const struct oid *oid_empty_tree(void);

#endif
