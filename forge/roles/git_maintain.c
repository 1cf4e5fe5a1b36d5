/*
 * The operation maintain: keeps one repository small and quick. It looks at
 * the folder, decides by the thresholds below, and runs git; work starts it.
 *
 * Removing objects needs the objects lock alone: no push may rely on an object
 * between our look at the refs and the removal. A geometric repack removes
 * none (its packs take over every object of those they replace); it shares the
 * lock, so that nobody takes its temporary packs for those of a dead one.
 */
#include "roles/git_ingest.h"
#include "roles/git_keep.h"

#include "base/fs.h"
#include "git/generation.h"
#include "git/layout.h"
#include "git/lock.h"

#include <dirent.h>
#include <errno.h>

#define PACKS_MAX 50
#define LOOSE_OBJECTS_MAX 1000
#define LOOSE_REFS_MAX 200
#define REFS_DEPTH_MAX 64
#define LOCK_WAIT_MS 60000

struct state {
	size_t packs;
	size_t loose_objects;
	size_t loose_refs;
};

static bool is_pack(const char *name)
{
	return str_ends(str_c(name), STR(".pack"));
}

static bool is_object(const char *name)
{
	return strlen(name) == 38;
}

static bool is_any(const char *name)
{
	return name[0] != '.';
}

static size_t count_files(const char *folder, bool (*wanted)(const char *))
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	if (!open_folder)
		return 0;
	while ((entry = readdir(open_folder)))
		count += wanted(entry->d_name);
	closedir(open_folder);
	return count;
}

static size_t count_refs(struct git_child *c, const char *folder, int depth)
{
	DIR *open_folder = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	if (!open_folder)
		return 0;
	while ((entry = readdir(open_folder))) {
		if (!is_any(entry->d_name))
			continue;
		if (entry->d_type == DT_DIR && depth < REFS_DEPTH_MAX)
			count += count_refs(c, arena_strf(c->arena, "%s/%s", folder, entry->d_name),
					    depth + 1);
		else
			count++;
	}
	closedir(open_folder);
	return count;
}

static struct state look(struct git_child *c)
{
	struct state s = { .packs = count_files(git_child_path(c, "objects/pack"), is_pack),
			   .loose_refs = count_refs(c, git_child_path(c, "refs"), 0) };

	for (unsigned int i = 0; i < 256; i++)
		s.loose_objects += count_files(git_child_path(c, "objects/%02x", i), is_object);
	return s;
}

static int run(struct git_child *c, const char *const *args, struct err *e)
{
	struct git_command command = git_child_command(c, args);
	struct git_result result;

	return git_run_ok(&command, "housekeeping", STR_NONE, 65536, c->arena, &result, e);
}

static int count_message(struct git_child *c, const char *what, size_t number, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_COUNT);

	m.number = i64_from_size(number);
	if (!str_copy(m.name, sizeof(m.name), str_c(what)))
		m.name[0] = '\0';
	return git_child_send(c, &m, e);
}

/* Under the landing lock: a landing reads refs, and takes their locks for stale if it has ours. */
static int pack_refs(struct git_child *c, struct git_generation *generation, struct err *e)
{
	static const char *const args[] = { "pack-refs", "--all", NULL };
	struct git_command command = git_child_command(c, args);
	struct git_result result;
	int failed;

	if (git_lock_take(c->repo, GIT_LANDING_LOCK_NAME, true, LOCK_WAIT_MS, &command.keep, e) < 0)
		return -(int)e->code;
	git_generation_bump_refs(generation);
	failed = git_run_ok(&command, "pack refs", STR_NONE, 65536, c->arena, &result, e);
	git_generation_bump_refs(generation);
	fs_close(&command.keep);
	return failed ? failed : fs_sync_folder(c->repo, e);
}

/* --no-write-bitmap-index: without it git 2.39 deletes the big pack's bitmap and writes none. */
static int repack_some(struct git_child *c, struct git_generation *generation, struct err *e)
{
	static const char *const repack[] = { "repack", "--geometric=2",           "-d",
					      "-q",     "--no-write-bitmap-index", NULL };
	static const char *const index[] = { "multi-pack-index", "write", NULL };
	AUTO_FD lock = -1;

	if (git_lock_take(c->repo, GIT_OBJECTS_LOCK_NAME, false, LOCK_WAIT_MS, &lock, e) < 0 ||
	    run(c, repack, e) < 0)
		return -(int)e->code;
	git_generation_bump_packs(generation);
	return run(c, index, e);
}

static int repack_all(struct git_child *c, struct git_generation *generation, struct err *e)
{
	static const char *const args[] = { "repack", "--cruft", "--cruft-expiration=2.weeks.ago",
					    "-d",     "-q",      "--write-bitmap-index",
					    NULL };
	size_t kept = 0;
	AUTO_FD lock = -1;
	int failed;

	if (git_lock_take(c->repo, GIT_OBJECTS_LOCK_NAME, true, LOCK_WAIT_MS, &lock, e) < 0 ||
	    git_ingest_drop_leftovers(c, e) < 0 || git_keep(c, &kept, e) < 0)
		return -(int)e->code;
	failed = run(c, args, e);
	git_generation_bump_packs(generation);
	fs_close(&lock);
	return failed ? failed : count_message(c, "commits_kept", kept, e);
}

/* After commits were removed the graph must be made anew: the old one still names them. */
static int write_graph(struct git_child *c, struct err *e)
{
	const char *const args[] = {
		"commit-graph",    "write",
		"--reachable",     c->rq.flags & GIT_FLAG_PRUNE ? "--split=replace" : "--split",
		"--changed-paths", NULL
	};

	return run(c, args, e);
}

static int repack(struct git_child *c, const struct state *s, struct git_generation *generation,
		  struct err *e)
{
	if (c->rq.flags & GIT_FLAG_PRUNE)
		return repack_all(c, generation, e);
	if (s->packs > PACKS_MAX || s->loose_objects > LOOSE_OBJECTS_MAX)
		return repack_some(c, generation, e);
	return 0;
}

static int maintain(struct git_child *c, struct git_generation *generation, struct err *e)
{
	struct state before = look(c);
	bool is_full = c->rq.flags & GIT_FLAG_PRUNE;
	struct state after;

	if ((before.loose_refs > LOOSE_REFS_MAX || is_full) && pack_refs(c, generation, e) < 0)
		return -(int)e->code;
	if (before.packs + before.loose_objects > 0 &&
	    (repack(c, &before, generation, e) < 0 || write_graph(c, e) < 0))
		return -(int)e->code;
	after = look(c);
	if (count_message(c, "packs_before", before.packs, e) < 0 ||
	    count_message(c, "packs_after", after.packs, e) < 0 ||
	    count_message(c, "loose_refs_before", before.loose_refs, e) < 0)
		return -(int)e->code;
	return count_message(c, "loose_refs_after", after.loose_refs, e);
}

int git_op_maintain(struct git_child *c, struct err *e)
{
	struct git_generation *generation;
	int failed;

	if (git_generation_open(c->repo, true, &generation, e) < 0)
		return -(int)e->code;
	failed = git_ingest_drop_dead(c, e);
	if (!failed)
		failed = maintain(c, generation, e);
	git_generation_close(generation);
	return failed;
}
