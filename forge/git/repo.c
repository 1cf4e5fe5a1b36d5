/*
 * The reader of a process and its pool of libgit2 handles.
 *
 * A handle that is free waits in a list, newest first, at most IDLE_MAX of
 * them; it is taken again only if the folder is still the same one (device,
 * inode, birth) and no pack was removed since it was opened. libgit2 keeps a
 * mapping of every pack it has seen, so old handles are closed, not kept.
 */
#include "git/generation.h"
#include "git/layout.h"
#include "git/reach.h"
#include "git/reader_private.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#define READER_MAGIC 0x72656164u
#define REPO_MAGIC 0x7265706fu
#define IDLE_MAX 64
#define CACHE_BYTES ((size_t)32 << 20)

struct repo {
	uint32_t magic;
	struct git_reader *reader;
	struct repo *next_idle;
	char *path;
	struct folder_identity identity;
	uint64_t packs_generation;
	git_repository *handle;
	git_odb *odb;
	const struct ref_snapshot *refs; /* NULL while idle */
};

struct git_reader {
	uint32_t magic;
	char *data;
	struct snapshot_cache *snapshots;
	struct lru *cache;
	struct reach_cache *reaches;
	pthread_mutex_t mutex; /* of the list of idle handles */
	struct repo *idle;
	size_t idle_count;
};

int git_reader_open(const char *data, struct git_reader **reader, struct err *e)
{
	struct git_reader *made;

	if (libgit_open(e))
		return -(int)e->code;
	made = MEM_NEW(struct git_reader);
	made->magic = READER_MAGIC;
	made->data = mem_strdup(data);
	made->snapshots = snapshot_cache_open();
	made->cache = lru_open(CACHE_BYTES);
	made->reaches = reach_cache_open();
	ASSERT(pthread_mutex_init(&made->mutex, NULL) == 0);
	*reader = made;
	return 0;
}

static void close_repo(struct repo *repo)
{
	ref_snapshot_unref(repo->refs);
	git_odb_free(repo->odb);
	git_repository_free(repo->handle);
	repo->magic = 0;
	mem_free(repo->path);
	mem_free(repo);
}

void git_reader_close(struct git_reader *reader)
{
	if (reader == NULL)
		return;
	ASSERT(reader->magic == READER_MAGIC);
	while (reader->idle) {
		struct repo *repo = reader->idle;

		reader->idle = repo->next_idle;
		close_repo(repo);
	}
	reach_cache_close(reader->reaches);
	snapshot_cache_close(reader->snapshots);
	lru_close(reader->cache);
	pthread_mutex_destroy(&reader->mutex);
	libgit_close();
	reader->magic = 0;
	mem_free(reader->data);
	mem_free(reader);
}

static int identify(const char *path, struct folder_identity *identity, struct err *e)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_INO | STATX_BTIME, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return err_set(e, ERR_NOT_FOUND, "This project has no repository yet.");
		return err_errno(e, errno, "find repository");
	}
	identity->device = ((uint64_t)st.stx_dev_major << 32) | st.stx_dev_minor;
	identity->inode = st.stx_ino;
	identity->born_us = st.stx_mask & STATX_BTIME
				    ? st.stx_btime.tv_sec * 1000000 + st.stx_btime.tv_nsec / 1000
				    : 0;
	return 0;
}

bool same_folder(const struct folder_identity *a, const struct folder_identity *b)
{
	return a->device == b->device && a->inode == b->inode && a->born_us == b->born_us;
}

/* A free handle of this path that is still good; the others of this path go to *stale. */
static struct repo *take_idle(struct git_reader *reader, const char *path,
			      const struct folder_identity *identity, uint64_t packs,
			      struct repo **stale)
{
	struct repo **at = &reader->idle;
	struct repo *found = NULL;

	pthread_mutex_lock(&reader->mutex);
	while (*at && found == NULL) {
		struct repo *repo = *at;

		if (strcmp(repo->path, path) != 0) {
			at = &repo->next_idle;
			continue;
		}
		*at = repo->next_idle;
		reader->idle_count--;
		if (identity && same_folder(&repo->identity, identity) &&
		    repo->packs_generation == packs) {
			found = repo;
		} else {
			repo->next_idle = *stale;
			*stale = repo;
		}
	}
	pthread_mutex_unlock(&reader->mutex);
	return found;
}

static void close_list(struct repo *list)
{
	while (list) {
		struct repo *repo = list;

		list = repo->next_idle;
		close_repo(repo);
	}
}

static int open_repo(struct git_reader *reader, const char *path,
		     const struct folder_identity *identity, uint64_t packs, struct repo **opened,
		     struct err *e)
{
	struct repo *repo = MEM_NEW(struct repo);
	int result;

	repo->magic = REPO_MAGIC;
	repo->reader = reader;
	repo->path = mem_strdup(path);
	repo->identity = *identity;
	repo->packs_generation = packs;
	result = libgit_open_folder(path, &repo->handle, e);
	if (result == 0) {
		int code = git_repository_odb(&repo->odb, repo->handle);

		if (code < 0)
			result = libgit_error(code, e, "open objects");
	}
	if (result) {
		close_repo(repo);
		return result;
	}
	*opened = repo;
	return 0;
}

int repo_acquire_path(struct git_reader *reader, const char *path, struct repo **repo,
		      struct err *e)
{
	struct folder_identity identity;
	struct repo_state state;
	struct repo *stale = NULL;
	struct repo *found;

	ASSERT(reader->magic == READER_MAGIC);
	if (identify(path, &identity, e) || snapshot_cache_get(reader->snapshots, path, &state, e))
		return -(int)e->code;
	found = take_idle(reader, path, &identity, state.packs_generation, &stale);
	close_list(stale);
	if (found == NULL &&
	    open_repo(reader, path, &identity, state.packs_generation, &found, e)) {
		ref_snapshot_unref(state.refs);
		return -(int)e->code;
	}
	found->next_idle = NULL;
	found->refs = state.refs;
	*repo = found;
	return 0;
}

int repo_open_objects(struct git_reader *reader, const char *path, const char *quarantine,
		      struct repo **repo, struct err *e)
{
	struct folder_identity identity;
	struct repo *made;
	int code;

	ASSERT(reader->magic == READER_MAGIC);
	if (identify(path, &identity, e) || open_repo(reader, path, &identity, 0, &made, e))
		return -(int)e->code;
	code = quarantine ? git_odb_add_disk_alternate(made->odb, quarantine) : 0;
	if (code < 0) {
		close_repo(made);
		return libgit_error(code, e, "open the objects of a push");
	}
	*repo = made;
	return 0;
}

void repo_close_objects(struct repo *repo)
{
	if (repo)
		close_repo(repo);
}

int repo_acquire(struct git_reader *reader, int64_t project_id, struct repo **repo, struct err *e)
{
	char path[PATH_MAX];

	if (git_repo_path(path, reader->data, project_id, e))
		return -(int)e->code;
	return repo_acquire_path(reader, path, repo, e);
}

void repo_release(struct repo *repo)
{
	struct git_reader *reader;
	struct repo *oldest = NULL;

	if (repo == NULL)
		return;
	ASSERT(repo->magic == REPO_MAGIC);
	ref_snapshot_unref(repo->refs);
	repo->refs = NULL;
	reader = repo->reader;
	pthread_mutex_lock(&reader->mutex);
	repo->next_idle = reader->idle;
	reader->idle = repo;
	if (++reader->idle_count > IDLE_MAX) {
		struct repo **at = &reader->idle;

		while ((*at)->next_idle)
			at = &(*at)->next_idle;
		oldest = *at;
		*at = NULL;
		reader->idle_count--;
	}
	pthread_mutex_unlock(&reader->mutex);
	if (oldest)
		close_repo(oldest);
}

void repo_closer(void *repo)
{
	repo_release(repo);
}

void git_reader_forget(struct git_reader *reader, int64_t project_id)
{
	char path[PATH_MAX];
	struct err ignored = { 0 };
	struct repo *stale = NULL;

	if (git_repo_path(path, reader->data, project_id, &ignored))
		return;
	take_idle(reader, path, NULL, 0, &stale);
	close_list(stale);
	snapshot_cache_forget(reader->snapshots, path);
}

int ref_snapshot_get(struct git_reader *reader, int64_t project_id,
		     const struct ref_snapshot **snapshot, struct err *e)
{
	char path[PATH_MAX];
	struct repo_state state;

	ASSERT(reader->magic == READER_MAGIC);
	if (git_repo_path(path, reader->data, project_id, e) ||
	    snapshot_cache_get(reader->snapshots, path, &state, e))
		return -(int)e->code;
	*snapshot = state.refs;
	return 0;
}

const struct ref_snapshot *repo_refs(const struct repo *repo)
{
	ASSERT(repo->magic == REPO_MAGIC && repo->refs != NULL);
	return repo->refs;
}

git_repository *repo_handle(struct repo *repo)
{
	ASSERT(repo->magic == REPO_MAGIC);
	return repo->handle;
}

git_odb *repo_odb(struct repo *repo)
{
	ASSERT(repo->magic == REPO_MAGIC);
	return repo->odb;
}

struct lru *repo_cache(struct repo *repo)
{
	return repo->reader->cache;
}

struct reach_cache *repo_reach_cache(struct repo *repo)
{
	return repo->reader->reaches;
}

uint64_t repo_packs_generation(const struct repo *repo)
{
	return repo->packs_generation;
}

const char *repo_path(const struct repo *repo)
{
	return repo->path;
}

const struct folder_identity *repo_identity(const struct repo *repo)
{
	return &repo->identity;
}
