#include "git/tree_diff.h"

#include "git/object.h"
#include "git/tree.h"

#include "base/mem.h"

#define COUNT_FACTOR 10

/* One folder of the way, on both sides; a stack instead of recursion. */
struct side {
	git_odb_object *object; /* NULL: the folder is not on this side */
	struct str rest;
	struct raw_entry entry;
	bool has_entry;
};

struct level {
	struct side sides[2];
	size_t path_length;
};

struct tree_walk {
	struct repo *repo;
	struct arena *arena;
	struct tree_changes *out;
	size_t limit;
	size_t room;
	struct buf path;
	size_t depth;
	struct level levels[TREE_DEPTH_MAX];
};

static void next_entry(struct side *side)
{
	side->has_entry = side->object && raw_tree_next(&side->rest, &side->entry);
}

static int open_side(struct tree_walk *walk, struct side *side, const struct oid *tree,
		     struct err *e)
{
	if (tree == NULL || oid_is_zero(tree))
		return 0;
	if (object_read(walk->repo, tree, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &side->object, e))
		return -(int)e->code;
	side->rest = object_bytes(side->object);
	next_entry(side);
	return 0;
}

static int enter(struct tree_walk *walk, const struct oid *old_tree, const struct oid *new_tree,
		 struct err *e)
{
	struct level *level;

	if (walk->depth == TREE_DEPTH_MAX) {
		walk->out->is_more = true;
		return 0;
	}
	level = &walk->levels[walk->depth++];
	*level = (struct level){ .path_length = walk->path.n };
	if (open_side(walk, &level->sides[0], old_tree, e) ||
	    open_side(walk, &level->sides[1], new_tree, e))
		return -(int)e->code;
	return 0;
}

static void leave(struct tree_walk *walk)
{
	struct level *level = &walk->levels[--walk->depth];

	git_odb_object_free(level->sides[0].object);
	git_odb_object_free(level->sides[1].object);
}

static void add_change(struct tree_walk *walk, const struct raw_entry *old,
		       const struct raw_entry *new)
{
	struct tree_changes *out = walk->out;
	struct tree_change *change;

	if (out->total++ >= walk->limit)
		return;
	if (out->count == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 64;
		struct tree_change *grown = ARENA_ARRAY(walk->arena, struct tree_change, room);

		if (out->count)
			memcpy(grown, out->items, out->count * sizeof(grown[0]));
		out->items = grown;
		walk->room = room;
	}
	change = &out->items[out->count++];
	*change = (struct tree_change){ .path = arena_str(walk->arena, buf_str(&walk->path)) };
	change->old_path = change->path;
	if (old) {
		change->old_mode = old->mode;
		change->old_oid = old->oid;
	}
	if (new) {
		change->new_mode = new->mode;
		change->new_oid = new->oid;
	}
}

/* NULL: not there. A file that became a folder comes as two entries, as trees sort them so. */
static int compare(struct tree_walk *walk, const struct raw_entry *old, const struct raw_entry *new,
		   struct err *e)
{
	const struct raw_entry *some = old ? old : new;

	if (old && new && old->mode == new->mode && oid_eq(&old->oid, &new->oid))
		return 0;
	walk->path.n = walk->levels[walk->depth - 1].path_length;
	walk->path.full = false;
	if (walk->path.n)
		buf_add_char(&walk->path, '/');
	buf_add(&walk->path, some->name);
	if (walk->path.full) {
		walk->out->is_more = true;
		return 0;
	}
	if (raw_is_folder(some))
		return enter(walk, old ? &old->oid : NULL, new ? &new->oid : NULL, e);
	add_change(walk, old, new);
	return 0;
}

static int run(struct tree_walk *walk, struct err *e)
{
	while (walk->depth > 0) {
		struct level *level = &walk->levels[walk->depth - 1];
		struct side *old = &level->sides[0];
		struct side *new = &level->sides[1];
		struct raw_entry old_entry = old->entry;
		struct raw_entry new_entry = new->entry;
		int order;

		if (walk->out->total >= COUNT_FACTOR * walk->limit) {
			walk->out->is_more = true;
			return 0;
		}
		if (!old->has_entry && !new->has_entry) {
			leave(walk);
			continue;
		}
		order = !old->has_entry   ? 1
			: !new->has_entry ? -1
					  : raw_entry_cmp(&old_entry, &new_entry);
		if (order <= 0)
			next_entry(old);
		if (order >= 0)
			next_entry(new);
		if (compare(walk, order <= 0 ? &old_entry : NULL, order >= 0 ? &new_entry : NULL,
			    e))
			return -(int)e->code;
	}
	return 0;
}

/* What stands at `path` in a tree; mode 0: nothing. */
static int entry_at(struct tree_walk *walk, const struct oid *tree, struct str path,
		    struct raw_entry *entry, struct err *e)
{
	bool found = false;

	*entry = (struct raw_entry){ 0 };
	if (!oid_is_zero(tree) && object_at_path(walk->repo, tree, path, &found, entry, e))
		return -(int)e->code;
	if (!found)
		entry->mode = 0;
	return 0;
}

static bool is_file(const struct raw_entry *entry)
{
	return entry->mode && !raw_is_folder(entry);
}

/* Folders are entered; of a folder that became a file only the file is a change. */
static int start_at(struct tree_walk *walk, const struct oid *old_tree, const struct oid *new_tree,
		    struct str path, struct err *e)
{
	struct raw_entry old;
	struct raw_entry new;

	if (entry_at(walk, old_tree, path, &old, e) || entry_at(walk, new_tree, path, &new, e))
		return -(int)e->code;
	buf_add(&walk->path, path);
	if (is_file(&old) || is_file(&new)) {
		if (old.mode != new.mode || !oid_eq(&old.oid, &new.oid))
			add_change(walk, is_file(&old) ? &old : NULL, is_file(&new) ? &new : NULL);
		return 0;
	}
	return enter(walk, old.mode ? &old.oid : NULL, new.mode ? &new.oid : NULL, e);
}

int tree_diff(struct repo *repo, const struct oid *old_tree, const struct oid *new_tree,
	      struct str path, size_t limit, struct arena *a, struct tree_changes *changes,
	      struct err *e)
{
	struct tree_changes made = { 0 };
	struct tree_walk *walk;
	int result = 0;

	if (!oid_eq(old_tree, new_tree)) {
		walk = MEM_NEW(struct tree_walk);
		walk->repo = repo;
		walk->arena = a;
		walk->out = &made;
		walk->limit = limit;
		buf_init(&walk->path, TREE_PATH_MAX);
		result = start_at(walk, old_tree, new_tree, path, e);
		if (result == 0)
			result = run(walk, e);
		while (walk->depth > 0)
			leave(walk);
		buf_fini(&walk->path);
		mem_free(walk);
	}
	if (result == 0)
		*changes = made;
	return result;
}
