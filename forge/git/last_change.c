/*
 * The commit that last changed each entry of a folder, for all entries in one
 * walk: a queue of commits, newest first, each carrying the entries that still
 * look as they do in it. From a commit an entry goes on to the first parent
 * that has it unchanged; if none has, this commit is its answer. That is
 * exactly the commit `git log -1 -- path` stops at.
 *
 * The changed-path filters of the commit-graph move most entries without
 * reading a tree. When a commit is met whose answers are cached (yesterday's
 * head), its answers are taken instead of walking on.
 */
#include "git/commit_graph.h"
#include "git/history.h"
#include "git/last_change_record.h"
#include "git/object.h"
#include "git/reader_private.h"
#include "git/tree.h"

#include "base/mem.h"
#include "base/table.h"

enum { QUEUED = 1 };

struct want {
	struct raw_entry raw;
	struct path_filter filter;
	size_t at; /* in the listing */
};

/* Entries on their way, as indexes into wants: ascending, so in the order of a tree. */
struct set {
	uint32_t *items;
	size_t count;
};

struct changes {
	struct repo *repo;
	struct history *history;
	struct str path;
	struct path_filter folder_filter;
	struct node_queue queue;
	struct want *wants;
	size_t wants_count;
	struct arena *arena;  /* of the results */
	struct table commits; /* read once each */
	struct last_change *answers;
	size_t answered;
};

static int by_tree_order(const void *a, const void *b)
{
	const struct want *one = a;
	const struct want *two = b;

	return raw_entry_cmp(&one->raw, &two->raw);
}

static void make_wants(struct changes *c, const struct tree_listing *listing)
{
	struct arena *a = history_arena(c->history);
	bool filters = history_graph(c->history) != NULL;

	c->wants_count = listing->entries_count;
	c->wants = ARENA_ARRAY(a, struct want, c->wants_count + 1);
	for (size_t i = 0; i < c->wants_count; i++) {
		const struct tree_entry *entry = &listing->entries[i];

		c->wants[i] =
			(struct want){ .raw = { entry->mode, entry->name, entry->oid }, .at = i };
		if (filters)
			c->wants[i].filter = path_filter_make(entry->path);
	}
	qsort(c->wants, c->wants_count, sizeof(c->wants[0]), by_tree_order);
	c->folder_filter = path_filter_make(c->path);
}

static void free_set(struct node *node, void *closure UNUSED)
{
	struct set *set = node->data;

	if (set) {
		mem_free(set->items);
		mem_free(set);
	}
	node->data = NULL;
}

static void merge(struct set *into, const uint32_t *items, size_t count)
{
	uint32_t *all = mem_alloc_array(into->count + count + 1, sizeof(all[0]));
	size_t a = 0;
	size_t b = 0;
	size_t n = 0;

	while (a < into->count || b < count) {
		if (b == count || (a < into->count && into->items[a] < items[b]))
			all[n++] = into->items[a++];
		else
			all[n++] = items[b++];
	}
	mem_free(into->items);
	into->items = all;
	into->count = n;
}

/* Hands entries to a commit and makes sure that it is looked at. */
static int pass(struct changes *c, struct node *node, const uint32_t *items, size_t count,
		struct err *e)
{
	struct set *set = node->data;

	if (count == 0)
		return 0;
	if (history_load(c->history, node, e))
		return -(int)e->code;
	if (set == NULL) {
		set = MEM_NEW(struct set);
		node->data = set;
	}
	merge(set, items, count);
	if (!(node->flags & QUEUED)) {
		node->flags |= QUEUED;
		node_queue_push(&c->queue, node);
	}
	return 0;
}

static int commit_of(struct changes *c, const struct oid *oid, struct commit **commit,
		     struct err *e)
{
	struct str key = str_n((const char *)oid->b, OID_BYTES);
	struct commit *read = table_find(&c->commits, key);

	if (read == NULL) {
		struct commit whole;

		read = ARENA_NEW(c->arena, struct commit);
		if (commit_get(c->repo, oid, c->arena, &whole, e))
			return -(int)e->code;
		read->oid = whole.oid;
		read->subject = whole.subject;
		read->author = whole.author;
		read->committer = whole.committer;
		table_set(&c->commits, key, read);
	}
	*commit = read;
	return 0;
}

static int answer(struct changes *c, const struct oid *oid, const struct set *set, struct err *e)
{
	struct commit *commit = NULL;

	if (set->count == 0)
		return 0;
	if (commit_of(c, oid, &commit, e))
		return -(int)e->code;
	for (size_t i = 0; i < set->count; i++) {
		struct last_change *change = &c->answers[c->wants[set->items[i]].at];

		change->known = true;
		change->commit = *commit;
		c->answered++;
	}
	return 0;
}

/* Splits *set: what `moves` says goes to the parent, the rest stays, both in order. */
static int move(struct changes *c, struct set *set, const bool *moves, struct node *parent,
		struct err *e)
{
	uint32_t *moved = mem_alloc_array(set->count + 1, sizeof(moved[0]));
	size_t moved_count = 0;
	size_t kept = 0;
	int result;

	for (size_t i = 0; i < set->count; i++) {
		if (moves[i])
			moved[moved_count++] = set->items[i];
		else
			set->items[kept++] = set->items[i];
	}
	set->count = kept;
	result = pass(c, parent, moved, moved_count, e);
	mem_free(moved);
	return result;
}

static int move_all(struct changes *c, struct set *set, struct node *parent, struct err *e)
{
	int result = pass(c, parent, set->items, set->count, e);

	set->count = 0;
	return result;
}

/* What the filters say did not change goes to the first parent without a look. */
static int move_by_filter(struct changes *c, const struct node *node, struct set *set, bool *moves,
			  struct err *e)
{
	struct commit_graph *graph = history_graph(c->history);
	struct changed_paths changed;
	bool any = false;

	if (graph == NULL || node->graph_at == UINT32_MAX)
		return 0;
	changed = commit_graph_changed_paths(graph, node->graph_at);
	if (c->path.n && changed_paths_surely_not(&changed, &c->folder_filter))
		return move_all(c, set, node->parents[0], e);
	for (size_t i = 0; i < set->count; i++) {
		moves[i] = changed_paths_surely_not(&changed, &c->wants[set->items[i]].filter);
		any |= moves[i];
	}
	return any ? move(c, set, moves, node->parents[0], e) : 0;
}

/* Both are in the order of trees: one pass. A tree that is not sorted gives wrong answers only. */
static void compare_with_tree(const struct changes *c, const struct set *set, struct str tree,
			      bool *moves)
{
	struct raw_entry raw;
	size_t i = 0;

	while (i < set->count && raw_tree_next(&tree, &raw)) {
		const struct raw_entry *want = &c->wants[set->items[i]].raw;

		while (i < set->count && raw_entry_cmp(want, &raw) < 0) {
			moves[i++] = false;
			want = i < set->count ? &c->wants[set->items[i]].raw : NULL;
		}
		if (i < set->count && raw_entry_cmp(want, &raw) == 0) {
			moves[i] = want->mode == raw.mode && oid_eq(&want->oid, &raw.oid);
			i++;
		}
	}
	for (; i < set->count; i++)
		moves[i] = false;
}

static int move_to_parent(struct changes *c, struct node *node, struct node *parent,
			  struct set *set, bool *moves, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;

	if (history_load(c->history, parent, e))
		return -(int)e->code;
	if (oid_eq(&node->tree, &parent->tree))
		return move_all(c, set, parent, e);
	if (history_path(c->history, node, c->path, e) ||
	    history_path(c->history, parent, c->path, e))
		return -(int)e->code;
	if ((parent->path_mode & RAW_MODE_KIND) != RAW_MODE_FOLDER)
		return 0;
	if (oid_eq(&node->path_oid, &parent->path_oid))
		return move_all(c, set, parent, e);
	if (object_read(c->repo, &parent->path_oid, GIT_OBJECT_TREE, OBJECT_TREE_MAX, &object, e))
		return -(int)e->code;
	compare_with_tree(c, set, object_bytes(object), moves);
	return move(c, set, moves, parent, e);
}

static int use_cached(struct changes *c, const struct node *node, struct set *set, bool *used,
		      struct err *e)
{
	struct change_record *record;
	struct arena *a = history_arena(c->history);
	size_t kept = 0;

	*used = change_record_find(c->repo, &node->oid, c->path, a, &record);
	if (!*used)
		return 0;
	for (size_t i = 0; i < set->count; i++) {
		const struct want *want = &c->wants[set->items[i]];
		const struct commit *commit = change_record_commit(record, want->raw.name);

		if (commit == NULL) {
			set->items[kept++] = set->items[i];
			continue;
		}
		c->answers[want->at].known = true;
		change_record_copy(commit, c->arena, &c->answers[want->at].commit);
		c->answered++;
	}
	set->count = kept;
	return answer(c, &node->oid, set, e); /* cannot be needed: the record is complete */
}

static int visit(struct changes *c, struct node *node, struct set *set, struct err *e)
{
	bool *moves = mem_alloc_array(set->count + 1, sizeof(bool));
	bool used = false;
	int result = use_cached(c, node, set, &used, e);

	if (result == 0 && node->parents_count > 0 && set->count > 0)
		result = move_by_filter(c, node, set, moves, e);
	for (size_t i = 0; i < node->parents_count && set->count > 0 && result == 0; i++)
		result = move_to_parent(c, node, node->parents[i], set, moves, e);
	if (result == 0)
		result = answer(c, &node->oid, set, e);
	mem_free(moves);
	return result;
}

static int run(struct changes *c, const struct oid *commit, struct err *e)
{
	uint32_t *all = mem_alloc_array(c->wants_count + 1, sizeof(all[0]));
	struct node *node;
	int result = history_get(c->history, commit, &node, e);

	for (size_t i = 0; i < c->wants_count; i++)
		all[i] = (uint32_t)i;
	if (result == 0)
		result = pass(c, node, all, c->wants_count, e);
	mem_free(all);
	while (result == 0 && (node = node_queue_pop(&c->queue))) {
		struct set set = *(struct set *)node->data;

		if (history_is_spent(c->history))
			break;
		mem_free(node->data);
		node->data = NULL;
		node->flags &= ~(uint32_t)QUEUED;
		result = visit(c, node, &set, e);
		mem_free(set.items);
	}
	return result;
}

static int compute(struct changes *c, const struct oid *commit, const struct tree_listing *listing,
		   struct budget budget, struct err *e)
{
	int result = history_open(c->repo, budget, &c->history, e);

	if (result)
		return result;
	make_wants(c, listing);
	table_init(&c->commits, c->arena);
	result = run(c, commit, e);
	history_each(c->history, free_set, NULL);
	node_queue_fini(&c->queue);
	history_close(c->history);
	return result;
}

/* False: no record, or one that does not name each entry. */
static bool all_from_record(struct repo *repo, const struct oid *commit, struct str path,
			    const struct tree_listing *listing, struct arena *a,
			    struct last_change *items)
{
	struct change_record *record;

	if (!change_record_find(repo, commit, path, a, &record))
		return false;
	for (size_t i = 0; i < listing->entries_count; i++) {
		const struct commit *found = change_record_commit(record, listing->entries[i].name);

		if (found == NULL)
			return false;
		items[i] = (struct last_change){ true, *found };
	}
	return true;
}

int tree_last_changes(struct repo *repo, const struct oid *commit, struct str path,
		      const struct tree_listing *listing, struct budget budget, struct arena *a,
		      struct last_changes *changes, struct err *e)
{
	struct changes c = { .repo = repo, .path = path, .arena = a };
	size_t count = listing->entries_count;

	c.answers = ARENA_ARRAY(a, struct last_change, count + 1);
	if (all_from_record(repo, commit, path, listing, a, c.answers)) {
		c.answered = count;
	} else if (compute(&c, commit, listing, budget, e)) {
		return -(int)e->code;
	} else if (c.answered == count && listing->total == count) {
		change_record_put(repo, commit, path, listing, c.answers);
	}
	*changes = (struct last_changes){ c.answers, count, c.answered == count };
	return 0;
}
