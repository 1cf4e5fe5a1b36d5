/* Shared by reader.c, repo.c and the caches of forge/git; see repo.h. */
#ifndef GIT_READER_PRIVATE_H
#define GIT_READER_PRIVATE_H

#include "base/lru.h"
#include "git/libgit.h"

#include <limits.h>

/* A place of a repository on disk, told apart from a later one of the same name. */
struct folder_identity {
	uint64_t device;
	uint64_t inode;
	int64_t born_us;
};

/* What the cache of refs knows about a repository. */
struct repo_state {
	const struct ref_snapshot *refs; /* a reference of the caller's */
	uint64_t packs_generation;
};

struct snapshot_cache;
struct snapshot_cache *snapshot_cache_open(void);
void snapshot_cache_close(struct snapshot_cache *cache);
MUST_USE int snapshot_cache_get(struct snapshot_cache *cache, const char *path,
				struct repo_state *state, struct err *e);
void snapshot_cache_forget(struct snapshot_cache *cache, const char *path);

struct reach_cache;
struct reach_cache *repo_reach_cache(struct repo *repo);
/* Of the handle: packs removed since it was opened are another number. */
uint64_t repo_packs_generation(const struct repo *repo);

bool same_folder(const struct folder_identity *a, const struct folder_identity *b);

/* Answers over immutable objects, by (repository, question, oids, path). */
struct lru *repo_cache(struct repo *repo);
const char *repo_path(const struct repo *repo);
const struct folder_identity *repo_identity(const struct repo *repo);

#endif
