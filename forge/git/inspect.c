/*
 * First all new objects by header: sizes, and the set of new names. Then each
 * new commit's tree, downwards: what was visited at this depth and length of
 * path is skipped; an old folder is skipped where a parent has it at the same
 * path. Parents' trees are read only for that question, so an import, where
 * everything is new, reads each folder once.
 */
#include "git/inspect.h"

#include "base/mem.h"
#include "base/random.h"
#include "git/libgit.h"

#include <stdlib.h>

#define PARENTS_MAX 8
#define TREE_MODE_FIRST '4' /* 40000; --strict has refused zero-padded and unknown modes */

struct frame {
	git_odb_object *tree;
	size_t at;         /* in the raw tree */
	struct str name;   /* in the parent folder's tree; "" for the root */
	size_t path_bytes; /* of this folder's path with its '/' */
	bool parents_known;
	git_odb_object *parents[PARENTS_MAX]; /* the same folder in the commit's parents */
	size_t parent_count;
};

/* Grows; an import has millions of objects, so 20 bytes each and no more. */
struct oids {
	git_oid *items;
	size_t count;
	size_t room;
};

/*
 * What was visited, as 64-bit hashes: open addressing, 0 is free. Two visits
 * that collide (the seed is random) would leave one folder unlooked at: one in
 * a million imports of the size of Linux.
 */
struct visits {
	uint64_t *slots;
	size_t count;
	size_t room; /* a power of 2 */
	uint64_t seed[2];
};

struct inspection {
	struct arena *arena; /* for sentences */
	git_odb *all;        /* store and quarantine */
	git_odb *fresh;      /* quarantine */
	struct oids objects; /* all new ones, sorted after the first pass */
	struct oids commits;
	struct visits visits;
	int64_t max_file_bytes;
	bool has_large;
	git_oid large;
	int64_t large_bytes;
	struct err *e;
	struct frame *frames; /* GIT_DEPTH_MAX + 1 */
	size_t depth;         /* frames in use */
	const git_oid *commit_parents;
	size_t commit_parent_count;
};

struct tree_entry {
	bool is_folder;
	struct str name;
	git_oid oid;
};

static void add_oid(struct oids *list, const git_oid *oid)
{
	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 1024;
		list->items = mem_grow(list->items, list->room * sizeof(*list->items));
	}
	list->items[list->count++] = *oid;
}

static int compare_oids(const void *a, const void *b)
{
	return git_oid_cmp(a, b);
}

static bool is_new(const struct inspection *in, const git_oid *oid)
{
	return bsearch(oid, in->objects.items, in->objects.count, sizeof(*oid), compare_oids) !=
	       NULL;
}

/* Object names are random already; the seed keeps anyone from choosing where they fall. */
static uint64_t hash_visit(const struct visits *v, const git_oid *oid, size_t depth,
			   size_t path_bytes)
{
	uint64_t parts[2];
	uint64_t h;

	memcpy(parts, oid->id, sizeof(parts));
	h = (parts[0] ^ v->seed[0]) * 0x9e3779b97f4a7c15u;
	h ^= h >> 29;
	h = (h ^ parts[1] ^ v->seed[1]) * 0xbf58476d1ce4e5b9u;
	h ^= h >> 32;
	h = (h ^ (depth << 32) ^ path_bytes) * 0x94d049bb133111ebu;
	h ^= h >> 31;
	return h ? h : 1;
}

/* False if it was there. */
static bool put_visit(struct visits *v, uint64_t hash)
{
	size_t at = hash & (v->room - 1);

	while (v->slots[at] && v->slots[at] != hash)
		at = (at + 1) & (v->room - 1);
	if (v->slots[at])
		return false;
	v->slots[at] = hash;
	v->count++;
	return true;
}

static void grow_visits(struct visits *v)
{
	struct visits bigger = *v;

	bigger.room = v->room ? 2 * v->room : 4096;
	bigger.count = 0;
	bigger.slots = mem_alloc_array(bigger.room, sizeof(*bigger.slots));
	for (size_t i = 0; i < v->room; i++)
		if (v->slots[i])
			put_visit(&bigger, v->slots[i]);
	mem_free(v->slots);
	*v = bigger;
}

static int note_object(const git_oid *oid, void *closure)
{
	struct inspection *in = closure;
	git_object_t type;
	size_t size;

	if (git_odb_read_header(&size, &type, in->fresh, oid) < 0)
		return err_set(in->e, ERR_INTERNAL, "read the header of a new object");
	add_oid(&in->objects, oid);
	if (type == GIT_OBJECT_COMMIT)
		add_oid(&in->commits, oid);
	if (type == GIT_OBJECT_BLOB && in->max_file_bytes > 0 && !in->has_large &&
	    size > (size_t)in->max_file_bytes) {
		in->has_large = true;
		in->large = *oid;
		in->large_bytes = i64_from_size(size);
	}
	return 0;
}

/* "<mode> <name>NUL<20 bytes>"; git accepted the tree, so a short one is damage. */
static bool next_entry(const git_odb_object *tree, size_t *at, struct tree_entry *entry)
{
	const char *p = git_odb_object_data((git_odb_object *)(uintptr_t)tree);
	size_t n = git_odb_object_size((git_odb_object *)(uintptr_t)tree);
	struct str rest;
	size_t space;
	size_t end;

	if (*at >= n)
		return false;
	rest = str_n(p + *at, n - *at);
	space = str_find(rest, ' ');
	end = str_find(rest, '\0');
	if (space >= end || end + 1 + GIT_OID_RAWSZ > rest.n)
		return false;
	entry->is_folder = rest.p[0] == TREE_MODE_FIRST;
	entry->name = str_n(rest.p + space + 1, end - space - 1);
	memcpy(entry->oid.id, rest.p + end + 1, GIT_OID_RAWSZ);
	*at += end + 1 + GIT_OID_RAWSZ;
	return true;
}

static bool find_entry(const git_odb_object *tree, struct str name, struct tree_entry *entry)
{
	size_t at = 0;

	while (next_entry(tree, &at, entry))
		if (str_eq(entry->name, name))
			return true;
	return false;
}

static git_odb_object *read_tree(struct inspection *in, const git_oid *oid)
{
	git_odb_object *object = NULL;

	if (git_odb_read(&object, in->all, oid) < 0)
		return NULL;
	if (git_odb_object_type(object) == GIT_OBJECT_TREE)
		return object;
	git_odb_object_free(object);
	return NULL;
}

/* The line "tree <hex>" or "parent <hex>" of a commit; moves behind it. */
static bool take_header(struct str *rest, struct str word, git_oid *oid)
{
	struct str line;
	struct str left = *rest;

	if (!str_cut(&left, '\n', &line) || !str_cut_prefix(&line, word) ||
	    line.n != GIT_OID_HEXSZ || git_oid_fromstrn(oid, line.p, line.n) < 0)
		return false;
	*rest = left;
	return true;
}

/* The root tree and up to PARENTS_MAX parents. */
static bool read_commit(struct inspection *in, const git_oid *oid, git_oid *tree,
			git_oid parents[PARENTS_MAX], size_t *parent_count)
{
	AUTO_GIT(odb_object) commit = NULL;
	struct str rest;
	git_oid parent;

	*parent_count = 0;
	if (git_odb_read(&commit, in->all, oid) < 0 ||
	    git_odb_object_type(commit) != GIT_OBJECT_COMMIT)
		return false;
	rest = str_n(git_odb_object_data(commit), git_odb_object_size(commit));
	if (!take_header(&rest, STR("tree "), tree))
		return false;
	while (take_header(&rest, STR("parent "), &parent))
		if (*parent_count < PARENTS_MAX)
			parents[(*parent_count)++] = parent;
	return true;
}

static void root_parents(struct inspection *in, struct frame *root)
{
	for (size_t i = 0; i < in->commit_parent_count; i++) {
		git_oid ignored[PARENTS_MAX];
		size_t ignored_count;
		git_oid tree;

		if (!read_commit(in, &in->commit_parents[i], &tree, ignored, &ignored_count))
			continue;
		root->parents[root->parent_count] = read_tree(in, &tree);
		root->parent_count += root->parents[root->parent_count] != NULL;
	}
}

/* Resolves this folder in the parents, from the root down to frame `index`. */
static void resolve_parents(struct inspection *in, size_t index)
{
	for (size_t i = 0; i <= index; i++) {
		struct frame *f = &in->frames[i];
		struct tree_entry entry;

		if (f->parents_known)
			continue;
		f->parents_known = true;
		if (i == 0) {
			root_parents(in, f);
			continue;
		}
		for (size_t p = 0; p < in->frames[i - 1].parent_count; p++) {
			if (!find_entry(in->frames[i - 1].parents[p], f->name, &entry) ||
			    !entry.is_folder)
				continue;
			f->parents[f->parent_count] = read_tree(in, &entry.oid);
			f->parent_count += f->parents[f->parent_count] != NULL;
		}
	}
}

static bool is_in_a_parent(struct inspection *in, const struct tree_entry *entry)
{
	const struct frame *f = &in->frames[in->depth - 1];
	struct tree_entry theirs;

	resolve_parents(in, in->depth - 1);
	for (size_t p = 0; p < f->parent_count; p++)
		if (find_entry(f->parents[p], entry->name, &theirs) &&
		    git_oid_equal(&theirs.oid, &entry->oid))
			return true;
	return false;
}

static void pop(struct inspection *in)
{
	struct frame *f = &in->frames[--in->depth];

	git_odb_object_free(f->tree);
	for (size_t p = 0; p < f->parent_count; p++)
		git_odb_object_free(f->parents[p]);
}

static int push(struct inspection *in, const git_oid *oid, struct str name, size_t path_bytes)
{
	struct frame *f = &in->frames[in->depth];

	*f = (struct frame){ .tree = read_tree(in, oid), .name = name, .path_bytes = path_bytes };
	if (!f->tree)
		return err_set(in->e, ERR_INTERNAL, "read a tree that git accepted");
	in->depth++;
	return 0;
}

/* For sentences: the path down to `name`, cut from the left if it is long. */
static struct str path_of(const struct inspection *in, struct str name)
{
	struct buf b;
	struct str path;

	buf_init(&b, (size_t)GIT_PATH_BYTES_MAX * 4);
	for (size_t i = 1; i < in->depth; i++) {
		buf_add(&b, in->frames[i].name);
		buf_add_char(&b, '/');
	}
	buf_add(&b, name);
	path = arena_str(in->arena, buf_str(&b));
	buf_fini(&b);
	if (path.n > 200)
		path = str_from(path, path.n - 200);
	return str_is_utf8_text(path) ? path : STR("(a name that is not UTF-8)");
}

static int check_file(struct inspection *in, const struct tree_entry *entry)
{
	struct str path;

	if (!in->has_large || !git_oid_equal(&entry->oid, &in->large))
		return 0;
	path = path_of(in, entry->name);
	return err_set(
		in->e, ERR_TOO_LARGE,
		"The file %.*s has %lld bytes; the limit for one file is %lld. Remove it from "
		"the commits, or ask an administrator to raise max_file_bytes.",
		STR_FMT(path), (long long)in->large_bytes, (long long)in->max_file_bytes);
}

static bool was_visited(struct inspection *in, const git_oid *oid, size_t path_bytes)
{
	struct visits *v = &in->visits;

	if (2 * (v->count + 1) > v->room)
		grow_visits(v);
	return !put_visit(v, hash_visit(v, oid, in->depth, path_bytes));
}

static int enter_folder(struct inspection *in, const struct tree_entry *entry, size_t path_bytes)
{
	if (was_visited(in, &entry->oid, path_bytes))
		return 0;
	if (!is_new(in, &entry->oid) && is_in_a_parent(in, entry))
		return 0;
	if (in->depth > GIT_DEPTH_MAX)
		return err_set(in->e, ERR_UNPROCESSABLE,
			       "A commit nests folders more than %d deep, which git itself cannot "
			       "handle everywhere.",
			       GIT_DEPTH_MAX);
	return push(in, &entry->oid, entry->name, path_bytes + 1);
}

static int step(struct inspection *in)
{
	struct frame *f = &in->frames[in->depth - 1];
	struct tree_entry entry;
	size_t path_bytes;

	if (!next_entry(f->tree, &f->at, &entry)) {
		pop(in);
		return 0;
	}
	path_bytes = f->path_bytes + entry.name.n;
	if (path_bytes > GIT_PATH_BYTES_MAX) {
		struct str path = path_of(in, entry.name);

		return err_set(in->e, ERR_UNPROCESSABLE,
			       "A path is longer than %d bytes; it ends in %.*s.",
			       GIT_PATH_BYTES_MAX, STR_FMT(path));
	}
	return entry.is_folder ? enter_folder(in, &entry, path_bytes) : check_file(in, &entry);
}

static int inspect_commit(struct inspection *in, const git_oid *oid)
{
	git_oid parents[PARENTS_MAX];
	git_oid root;
	int failed;

	if (!read_commit(in, oid, &root, parents, &in->commit_parent_count))
		return err_set(in->e, ERR_INTERNAL, "read a commit that git accepted");
	in->commit_parents = parents;
	if (was_visited(in, &root, 0))
		return 0;
	failed = push(in, &root, STR(""), 0);
	while (!failed && in->depth > 0)
		failed = step(in);
	while (in->depth > 0)
		pop(in);
	return failed;
}

static int inspect_all(struct inspection *in)
{
	if (git_odb_foreach(in->fresh, note_object, in) < 0) {
		if (in->e->code == ERR_NONE)
			return err_set(in->e, ERR_INTERNAL, "list the new objects");
		return -(int)in->e->code;
	}
	if (in->objects.count > 0)
		qsort(in->objects.items, in->objects.count, sizeof(git_oid), compare_oids);
	for (size_t i = 0; i < in->commits.count; i++) {
		int failed = inspect_commit(in, &in->commits.items[i]);

		if (failed)
			return failed;
	}
	if (in->has_large)
		return err_set(in->e, ERR_TOO_LARGE,
			       "One object has %lld bytes; the limit for one file is %lld.",
			       (long long)in->large_bytes, (long long)in->max_file_bytes);
	return 0;
}

static int open_stores(struct inspection *in, const char *repo_path, const char *quarantine)
{
	char *objects = arena_strf(in->arena, "%s/objects", repo_path);
	int result = git_odb_open(&in->all, objects);

	if (result == 0)
		result = git_odb_add_disk_alternate(in->all, quarantine);
	if (result == 0)
		result = git_odb_open(&in->fresh, quarantine);
	return result == 0 ? 0 : libgit_error(result, in->e, "open the quarantine");
}

int git_inspect(const char *repo_path, const char *quarantine, int64_t max_file_bytes,
		struct arena *a, struct err *e)
{
	struct inspection *in = ARENA_NEW(a, struct inspection);
	int failed;

	if (libgit_open(e) < 0)
		return -(int)e->code;
	in->arena = a;
	in->e = e;
	in->max_file_bytes = max_file_bytes;
	in->frames = mem_alloc_array(GIT_DEPTH_MAX + 2, sizeof(*in->frames));
	random_bytes(in->visits.seed, sizeof(in->visits.seed));
	failed = open_stores(in, repo_path, quarantine);
	if (!failed)
		failed = inspect_all(in);
	git_odb_free(in->fresh);
	git_odb_free(in->all);
	mem_free(in->frames);
	mem_free(in->objects.items);
	mem_free(in->commits.items);
	mem_free(in->visits.slots);
	libgit_close();
	return failed;
}
