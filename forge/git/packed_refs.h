/*
 * Parsing the packed-refs file (gitrepository-layout(5); refs/packed-backend.c
 * of git is the only description). A pure function over bytes, so that it can
 * be fuzzed; part of ref_snapshot.
 */
#ifndef GIT_PACKED_REFS_H
#define GIT_PACKED_REFS_H

#include "base/err.h"
#include "git/oid.h"

struct scanned_ref {
	struct str name;
	struct oid oid;
	struct oid peeled;
	bool peel_known;
};

struct scanned_refs {
	struct scanned_ref *items;
	size_t count;
	size_t room;
};

#define REFS_MAX 2000000u

/* Room for one more; mem_free(refs->items) at the end. ERR_TOO_LARGE above REFS_MAX. */
MUST_USE int scanned_refs_add(struct scanned_refs *refs, const struct scanned_ref *ref,
			      struct err *e);

/*
 * Appends the refs in the order of the file; names are slices of text.
 * Lines whose name is no valid refname are left out, as git does; a line that
 * is no line of packed-refs at all is ERR_UNAVAILABLE with its number.
 */
MUST_USE int packed_refs_parse(struct str text, struct scanned_refs *refs, struct err *e);

/* git check-ref-format's rules, and "refs/" in front, at most REF_NAME_MAX bytes. */
bool ref_name_is_valid(struct str name);

#endif
