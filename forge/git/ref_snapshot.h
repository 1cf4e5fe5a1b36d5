/*
 * All refs of a repository at one moment: sorted, immutable, shared.
 *
 * Made by our own scanner of HEAD, the loose refs and packed-refs, because
 * libgit2's iterator needs 67 ms for 100,000 refs where this needs 3. A cache
 * keeps the last snapshot of each repository and gives it out as long as the
 * repository's generation counter (git/generation.h) and the stat of HEAD and
 * packed-refs are the same; a ref moved by hand behind our back is seen after
 * the next push or housekeeping, or REF_SNAPSHOT_MAX_AGE_MS at the latest.
 *
 * No ref is lost while git packs refs: loose refs are read before packed-refs
 * and the scan starts again if packed-refs was replaced meanwhile.
 *
 * Ownership: counted (ref_snapshot_unref). Threads: a snapshot is immutable
 * and may be used by any number of threads; the cache has one mutex.
 */
#ifndef GIT_REF_SNAPSHOT_H
#define GIT_REF_SNAPSHOT_H

#include "git/oid.h"

#include "base/buf.h"

#define REF_SNAPSHOT_MAX_AGE_MS 60000
#define REF_NAME_MAX 1024

struct ref {
	struct str name; /* "refs/heads/main" */
	struct oid oid;
	struct oid peeled; /* what an annotated tag points to in the end; else == oid */
};

struct ref_snapshot {
	const struct ref *refs; /* by name, in byte order */
	size_t count;
	struct str head;       /* "refs/heads/main": HEAD's target, which may not exist yet */
	bool head_is_symbolic; /* false: HEAD is detached at head_oid (imports); head is none */
	struct oid head_oid;   /* zero if unborn */
	uint64_t generation;
};

/* Reads the folder; previous (may be NULL) only saves peeling of tags again. */
MUST_USE int ref_snapshot_scan(const char *repo_path, const struct ref_snapshot *previous,
			       struct ref_snapshot **snapshot, struct err *e);
void ref_snapshot_ref(const struct ref_snapshot *snapshot);
void ref_snapshot_unref(const struct ref_snapshot *snapshot); /* NULL is fine */

/* NULL if there is none. */
const struct ref *ref_snapshot_find(const struct ref_snapshot *s, struct str name);
/* folder + name, e.g. "refs/heads/" + "main". */
const struct ref *ref_snapshot_find_in(const struct ref_snapshot *s, const char *folder,
				       struct str name);
/* The refs whose names start with prefix: *first and the returned count. */
size_t ref_snapshot_range(const struct ref_snapshot *s, struct str prefix,
			  const struct ref **first);

/*
 * The cache of a process. Refs of a project that is only listed (ls-refs) need
 * no repository handle; this is the way for git_smart and the SSH broker.
 */
struct git_reader;
MUST_USE int ref_snapshot_get(struct git_reader *reader, int64_t project_id,
			      const struct ref_snapshot **snapshot, struct err *e);

/* Refs nobody but the forge sees (refs/forge/, refs/keep, refs/pipelines/). */
bool ref_is_internal(struct str name);
/* Refs listed only to those who ask for them by prefix (merge requests, deployments). */
bool ref_is_unlisted(struct str name);

/*
 * The v0/v1 advertisement as pkt-lines, flush at the end. For upload-pack HEAD
 * stands first and tags are peeled; for receive-pack neither. `capabilities`
 * is the text behind the first NUL, without symref= (added here when HEAD
 * exists). An empty repository gives the "capabilities^{}" line.
 * ERR_TOO_LARGE if out's ceiling is reached.
 */
enum ref_service { REF_SERVICE_UPLOAD, REF_SERVICE_RECEIVE };
MUST_USE int ref_snapshot_advertise(const struct ref_snapshot *s, enum ref_service service,
				    struct str capabilities, struct buf *out, struct err *e);

/* The arguments of a v2 ls-refs command. */
struct ls_refs {
	bool peel;
	bool symrefs;
	bool unborn;
	const struct str *prefixes; /* ref-prefix lines; none = all */
	size_t prefixes_count;
	struct str *room; /* of ls_refs_argument */
};
#define LS_REFS_PREFIXES_MAX 65536

/* One argument line without its LF; ERR_INVALID if it is none of ls-refs. Copies into the arena. */
MUST_USE int ls_refs_argument(struct ls_refs *ls, struct arena *a, struct str line, struct err *e);
/* The answer as pkt-lines with the flush. */
MUST_USE int ref_snapshot_ls_refs(const struct ref_snapshot *s, const struct ls_refs *ls,
				  struct buf *out, struct err *e);

#endif
