#include "git/history.h"

#include "git/commit_graph.h"
#include "git/commit_private.h"
#include "git/object.h"
#include "git/reader_private.h"

#include "base/mem.h"
#include "base/random.h"

#define HISTORY_BYTES ((size_t)1 << 30)
#define CLOCK_EVERY 64
#define PARENTS_MAX 1024

struct history {
	struct repo *repo;
	struct arena *arena;
	struct commit_graph *graph; /* NULL: none */
	struct budget budget;
	size_t loaded;
	bool spent;
	struct path_filter filter; /* of the one path asked for */
	bool has_filter;
	uint64_t seed;
	struct node **slots; /* a power of two, at most half full */
	size_t slot_count;
	size_t count;
};

int history_open(struct repo *repo, struct budget budget, struct history **history,
		 struct err *e UNUSED)
{
	struct history *made = MEM_NEW(struct history);

	made->repo = repo;
	made->arena = arena_open(HISTORY_BYTES);
	made->budget = budget;
	made->slot_count = 1024;
	made->slots = mem_alloc_array(made->slot_count, sizeof(made->slots[0]));
	random_bytes(&made->seed, sizeof(made->seed));
	made->graph = commit_graph_open(repo_path(repo));
	*history = made;
	return 0;
}

void history_close(struct history *history)
{
	if (history == NULL)
		return;
	commit_graph_close(history->graph);
	arena_close(history->arena);
	mem_free(history->slots);
	mem_free(history);
}

struct arena *history_arena(struct history *history)
{
	return history->arena;
}

struct commit_graph *history_graph(struct history *history)
{
	return history->graph;
}

struct repo *history_repo(struct history *history)
{
	return history->repo;
}

/* Object names are evenly spread already; the seed keeps chosen ones from colliding. */
static size_t slot_of(const struct history *history, const struct oid *oid)
{
	size_t mask = history->slot_count - 1;
	uint64_t words[2];
	uint64_t hash;
	size_t at;

	memcpy(words, oid->b, sizeof(words));
	hash = (words[0] ^ history->seed) * 0x9e3779b97f4a7c15u;
	hash = (hash ^ (hash >> 32) ^ words[1]) * 0x9e3779b97f4a7c15u;
	at = (size_t)(hash >> 20) & mask;
	while (history->slots[at] && !oid_eq(&history->slots[at]->oid, oid))
		at = (at + 1) & mask;
	return at;
}

static void grow(struct history *history)
{
	struct node **old = history->slots;
	size_t old_count = history->slot_count;

	history->slot_count *= 2;
	history->slots = mem_alloc_array(history->slot_count, sizeof(old[0]));
	for (size_t i = 0; i < old_count; i++) {
		if (old[i])
			history->slots[slot_of(history, &old[i]->oid)] = old[i];
	}
	mem_free(old);
}

static struct node *find_or_make(struct history *history, const struct oid *oid)
{
	size_t at = slot_of(history, oid);
	struct node *node = history->slots[at];

	if (node)
		return node;
	node = ARENA_NEW(history->arena, struct node);
	node->oid = *oid;
	node->generation = GENERATION_UNKNOWN;
	node->graph_at = UINT32_MAX;
	history->slots[at] = node;
	if (++history->count * 2 > history->slot_count)
		grow(history);
	return node;
}

static int too_long(struct err *e)
{
	return err_set(e, ERR_TOO_LARGE,
		       "This history is too long to be walked here: more than %u commits.",
		       HISTORY_NODES_MAX);
}

static void load_from_graph(struct history *history, struct node *node)
{
	struct graph_commit commit;

	commit_graph_read(history->graph, node->graph_at, &commit);
	node->tree = commit.tree;
	node->seconds = commit.seconds;
	node->generation = commit.generation ? commit.generation : GENERATION_UNKNOWN;
	node->parents_count = (uint16_t)commit.parents_count;
	node->parents = ARENA_ARRAY(history->arena, struct node *, commit.parents_count + 1);
	for (size_t i = 0; i < commit.parents_count; i++) {
		struct oid oid = commit_graph_oid(history->graph, commit.parents[i]);

		node->parents[i] = find_or_make(history, &oid);
		node->parents[i]->graph_at = commit.parents[i];
	}
}

static int load_from_object(struct history *history, struct node *node, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct commit_links links;
	struct str rest;
	size_t count;

	if (object_read(history->repo, &node->oid, GIT_OBJECT_COMMIT, OBJECT_COMMIT_MAX, &object,
			e))
		return -(int)e->code;
	if (!commit_parse_links(object_bytes(object), &links))
		links.tree = *oid_empty_tree();
	count = links.parents_count < PARENTS_MAX ? links.parents_count : PARENTS_MAX;
	node->tree = links.tree;
	node->seconds = links.seconds;
	node->parents = ARENA_ARRAY(history->arena, struct node *, count + 1);
	rest = links.parents;
	while (node->parents_count < count && str_cut_prefix(&rest, STR("parent "))) {
		size_t end = str_find(rest, '\n');
		struct oid oid;

		if (!oid_parse(str_upto(rest, end), &oid))
			break;
		node->parents[node->parents_count++] = find_or_make(history, &oid);
		rest = str_from(rest, end + 1);
	}
	return 0;
}

int history_load(struct history *history, struct node *node, struct err *e)
{
	if (node->is_loaded)
		return 0;
	if (history->count > HISTORY_NODES_MAX)
		return too_long(e);
	/* The position is known already if a child was in the graph. */
	if (node->graph_at != UINT32_MAX ||
	    (history->graph && commit_graph_find(history->graph, &node->oid, &node->graph_at)))
		load_from_graph(history, node);
	else if (load_from_object(history, node, e))
		return -(int)e->code;
	node->is_loaded = true;
	history->loaded++;
	return 0;
}

int history_get(struct history *history, const struct oid *oid, struct node **node, struct err *e)
{
	struct node *found = find_or_make(history, oid);

	if (history_load(history, found, e)) {
		if (e->code == ERR_NOT_FOUND)
			err_set(e, ERR_NOT_FOUND, "There is no such commit in this repository.");
		return -(int)e->code;
	}
	*node = found;
	return 0;
}

bool history_is_spent(struct history *history)
{
	const struct budget *budget = &history->budget;

	if (budget->steps && history->loaded > budget->steps)
		history->spent = true;
	if (budget->deadline_ms && history->loaded % CLOCK_EVERY == 0 &&
	    clock_monotonic_ms() > budget->deadline_ms)
		history->spent = true;
	return history->spent;
}

void history_each(struct history *history, void (*visit)(struct node *node, void *closure),
		  void *closure)
{
	for (size_t i = 0; i < history->slot_count; i++) {
		if (history->slots[i])
			visit(history->slots[i], closure);
	}
}

int history_path(struct history *history, struct node *node, struct str path, struct err *e)
{
	struct raw_entry entry;
	bool found;

	if (node->has_path)
		return 0;
	if (history_load(history, node, e) ||
	    object_at_path(history->repo, &node->tree, path, &found, &entry, e))
		return -(int)e->code;
	node->path_mode = found ? entry.mode : 0;
	node->path_oid = found ? entry.oid : (struct oid){ 0 };
	node->has_path = true;
	return 0;
}

/* The filter's answer "surely the same" is the only one it can give. */
static bool surely_same(struct history *history, struct node *node, size_t at, struct str path)
{
	struct changed_paths changed;

	if (at != 0 || history->graph == NULL || node->graph_at == UINT32_MAX || path.n == 0)
		return false;
	if (!history->has_filter)
		history->filter = path_filter_make(path);
	history->has_filter = true;
	changed = commit_graph_changed_paths(history->graph, node->graph_at);
	return changed_paths_surely_not(&changed, &history->filter);
}

int history_same_path(struct history *history, struct node *node, size_t at, struct str path,
		      bool *same, struct err *e)
{
	struct node *parent = node->parents[at];

	if (surely_same(history, node, at, path)) {
		if (node->has_path && !parent->has_path) {
			parent->path_mode = node->path_mode;
			parent->path_oid = node->path_oid;
			parent->has_path = true;
		}
		*same = true;
		return 0;
	}
	if (history_load(history, parent, e))
		return -(int)e->code;
	if (oid_eq(&node->tree, &parent->tree)) {
		*same = true;
		return 0;
	}
	if (history_path(history, node, path, e) || history_path(history, parent, path, e))
		return -(int)e->code;
	*same = node->path_mode == parent->path_mode && oid_eq(&node->path_oid, &parent->path_oid);
	return 0;
}

/* Does a leave the queue before b? */
static bool is_before(const struct node_queue *queue, const struct node *a, const struct node *b)
{
	if (queue->by_generation && a->generation != b->generation)
		return a->generation > b->generation;
	if (a->seconds != b->seconds)
		return a->seconds > b->seconds;
	return a->order < b->order;
}

void node_queue_push(struct node_queue *queue, struct node *node)
{
	size_t at = queue->count++;

	if (at == queue->room) {
		queue->room = queue->room ? queue->room * 2 : 64;
		queue->items = mem_grow(queue->items, queue->room * sizeof(queue->items[0]));
	}
	node->order = queue->pushed++;
	while (at > 0 && is_before(queue, node, queue->items[(at - 1) / 2])) {
		queue->items[at] = queue->items[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	queue->items[at] = node;
}

struct node *node_queue_pop(struct node_queue *queue)
{
	struct node *first;
	struct node *last;
	size_t at = 0;

	if (queue->count == 0)
		return NULL;
	first = queue->items[0];
	last = queue->items[--queue->count];
	while (2 * at + 1 < queue->count) {
		size_t child = 2 * at + 1;

		if (child + 1 < queue->count &&
		    is_before(queue, queue->items[child + 1], queue->items[child]))
			child++;
		if (!is_before(queue, queue->items[child], last))
			break;
		queue->items[at] = queue->items[child];
		at = child;
	}
	if (queue->count)
		queue->items[at] = last;
	return first;
}

void node_queue_fini(struct node_queue *queue)
{
	mem_free(queue->items);
	*queue = (struct node_queue){ 0 };
}
