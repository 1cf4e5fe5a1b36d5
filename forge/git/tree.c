#include "git/tree.h"

#include "git/history.h"
#include "git/object.h"
#include "git/submodule.h"
#include "git/text.h"

#include "base/mem.h"

#define NAME_SHOWN_MAX 4096

static int not_there(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "There is no such file or folder in this commit.");
}

static enum entry_kind kind_of(unsigned mode)
{
	switch (mode & RAW_MODE_KIND) {
	case RAW_MODE_FOLDER:
		return ENTRY_FOLDER;
	case RAW_MODE_LINK:
		return ENTRY_SYMLINK;
	case RAW_MODE_MODULE:
		return ENTRY_SUBMODULE;
	default:
		return mode & 0111 ? ENTRY_EXECUTABLE : ENTRY_FILE;
	}
}

static struct tree_entry make_entry(const struct raw_entry *raw, struct str folder, struct arena *a)
{
	struct tree_entry entry = { .mode = raw->mode,
				    .kind = kind_of(raw->mode),
				    .oid = raw->oid };

	entry.name = arena_str(a, raw->name);
	entry.label = text_utf8(a, raw->name, NAME_SHOWN_MAX, NULL);
	entry.path = folder.n ? arena_fmt(a, "%.*s/%.*s", STR_FMT(folder), STR_FMT(raw->name))
			      : entry.name;
	return entry;
}

/* Folders first; then by bytes, which is the order of the repository within each kind. */
static int by_kind_and_name(const void *a, const void *b)
{
	const struct tree_entry *one = a;
	const struct tree_entry *two = b;
	int folders = (two->kind == ENTRY_FOLDER) - (one->kind == ENTRY_FOLDER);

	return folders ? folders : str_cmp(one->name, two->name);
}

static size_t count_entries(struct str bytes)
{
	struct raw_entry raw;
	size_t count = 0;

	while (raw_tree_next(&bytes, &raw))
		count++;
	return count;
}

static void read_entries(struct str bytes, struct str folder, struct arena *a,
			 struct tree_listing *listing)
{
	struct raw_entry raw;
	size_t most;

	listing->total = count_entries(bytes);
	most = listing->total < TREE_ENTRIES_MAX ? listing->total : TREE_ENTRIES_MAX;
	listing->entries = ARENA_ARRAY(a, struct tree_entry, most + 1);
	while (listing->entries_count < most && raw_tree_next(&bytes, &raw))
		listing->entries[listing->entries_count++] = make_entry(&raw, folder, a);
	qsort(listing->entries, listing->entries_count, sizeof(listing->entries[0]),
	      by_kind_and_name);
}

/* The root tree of a commit. */
static int root_of(struct repo *repo, const struct oid *commit, struct arena *a, struct oid *tree,
		   struct err *e)
{
	struct arena_mark mark = arena_mark(a);
	struct commit read;

	if (commit_get(repo, commit, a, &read, e))
		return -(int)e->code;
	*tree = read.tree;
	arena_reset(a, mark);
	return 0;
}

static int find_raw(struct repo *repo, const struct oid *commit, struct str path, struct arena *a,
		    struct oid *root, struct raw_entry *raw, struct err *e)
{
	bool found;

	if (root_of(repo, commit, a, root, e) || object_at_path(repo, root, path, &found, raw, e))
		return -(int)e->code;
	return found ? 0 : not_there(e);
}

static int add_submodules(struct repo *repo, const struct oid *root, struct arena *a,
			  struct tree_entry *entries, size_t count, struct err *e)
{
	struct submodules modules = { 0 };
	bool any = false;

	for (size_t i = 0; i < count; i++)
		any |= entries[i].kind == ENTRY_SUBMODULE;
	if (!any)
		return 0;
	if (submodules_read(repo, root, a, &modules, e))
		return -(int)e->code;
	for (size_t i = 0; i < count; i++) {
		if (entries[i].kind == ENTRY_SUBMODULE)
			entries[i].submodule_url = submodules_url(&modules, entries[i].path);
	}
	return 0;
}

int tree_list(struct repo *repo, const struct oid *commit, struct str path, struct arena *a,
	      struct tree_listing *listing, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct tree_listing made = { 0 };
	struct raw_entry raw;
	struct oid root;

	if (find_raw(repo, commit, path, a, &root, &raw, e))
		return -(int)e->code;
	if (!raw_is_folder(&raw))
		return not_there(e);
	if (object_read(repo, &raw.oid, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &object, e))
		return -(int)e->code;
	made.tree = raw.oid;
	read_entries(object_bytes(object), path, a, &made);
	if (add_submodules(repo, &root, a, made.entries, made.entries_count, e))
		return -(int)e->code;
	*listing = made;
	return 0;
}

int tree_find(struct repo *repo, const struct oid *commit, struct str path, struct arena *a,
	      struct tree_entry *entry, struct err *e)
{
	size_t slash = str_find_last(path, '/');
	struct str folder = slash < path.n ? str_upto(path, slash) : STR("");
	struct tree_entry made;
	struct raw_entry raw;
	struct oid root;

	if (find_raw(repo, commit, path, a, &root, &raw, e))
		return -(int)e->code;
	raw.name = slash < path.n ? str_from(path, slash + 1) : path;
	made = make_entry(&raw, folder, a);
	if (add_submodules(repo, &root, a, &made, 1, e))
		return -(int)e->code;
	*entry = made;
	return 0;
}

/* A stack instead of recursion: how deep a stranger's trees are is a stranger's choice. */
struct level {
	git_odb_object *object;
	struct str rest;
	size_t path_length;
};

#define FILES_MAX 100000
#define FILES_BYTES_MAX ((size_t)16 << 20) /* of all paths: a stranger's may be 4 kB each */

struct files {
	struct repo *repo;
	size_t bytes;
	struct arena *arena;
	struct tree_paths *out;
	size_t limit;
	size_t room;
	struct level levels[TREE_DEPTH_MAX];
	size_t depth;
	struct buf path;
};

static int enter(struct files *files, const struct oid *tree, struct err *e)
{
	struct level *level;

	if (files->depth == TREE_DEPTH_MAX) {
		files->out->is_cut = true;
		return 0;
	}
	level = &files->levels[files->depth];
	if (object_read(files->repo, tree, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &level->object, e))
		return -(int)e->code;
	level->rest = object_bytes(level->object);
	level->path_length = files->path.n;
	files->depth++;
	return 0;
}

static void leave(struct files *files)
{
	struct level *level = &files->levels[--files->depth];

	git_odb_object_free(level->object);
	level->object = NULL;
}

static void add_file(struct files *files)
{
	struct tree_paths *out = files->out;

	if (out->paths_count == files->room) {
		size_t room = files->room ? files->room * 2 : 256;
		struct str *grown = ARENA_ARRAY(files->arena, struct str, room);

		if (out->paths_count)
			memcpy(grown, out->paths, out->paths_count * sizeof(grown[0]));
		out->paths = grown;
		files->room = room;
	}
	out->paths[out->paths_count++] = arena_str(files->arena, buf_str(&files->path));
	files->bytes += files->path.n;
}

static int walk_files(struct files *files, struct err *e)
{
	while (files->depth > 0) {
		struct level *level = &files->levels[files->depth - 1];
		struct raw_entry raw;

		files->path.n = level->path_length;
		files->path.full = false;
		if (!raw_tree_next(&level->rest, &raw)) {
			leave(files);
			continue;
		}
		if (files->out->paths_count == files->limit || files->bytes > FILES_BYTES_MAX) {
			files->out->is_cut = true;
			return 0;
		}
		if (files->path.n)
			buf_add_char(&files->path, '/');
		buf_add(&files->path, raw.name);
		if (files->path.full)
			files->out->is_cut = true;
		else if (!raw_is_folder(&raw))
			add_file(files);
		else if (enter(files, &raw.oid, e))
			return -(int)e->code;
	}
	return 0;
}

int tree_files(struct repo *repo, const struct oid *commit, struct str path, size_t limit,
	       struct arena *a, struct tree_paths *files, struct err *e)
{
	struct tree_paths made = { 0 };
	struct files *walk;
	struct raw_entry raw;
	struct oid root;
	int result;

	if (find_raw(repo, commit, path, a, &root, &raw, e))
		return -(int)e->code;
	if (!raw_is_folder(&raw))
		return not_there(e);
	walk = MEM_NEW(struct files);
	walk->repo = repo;
	walk->arena = a;
	walk->out = &made;
	walk->limit = limit < FILES_MAX ? limit : FILES_MAX;
	buf_init(&walk->path, TREE_PATH_MAX);
	buf_add(&walk->path, path);
	result = enter(walk, &raw.oid, e);
	if (result == 0)
		result = walk_files(walk, e);
	while (walk->depth > 0)
		leave(walk);
	buf_fini(&walk->path);
	mem_free(walk);
	if (result == 0)
		*files = made;
	return result;
}
