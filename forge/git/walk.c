/*
 * Lists of commits, as `git log` gives them: by commit time from the start,
 * and for a path with git's default simplification: a commit that has the path
 * as one of its parents has it is not shown, and only that parent is followed.
 */
#include "git/commit_private.h"
#include "git/history.h"
#include "git/history_record.h"
#include "git/object.h"
#include "git/text.h"

#include "base/mem.h"

enum { SEEN = 1, QUEUED = 2, EXCLUDED = 4 };

/* Clocks go wrong: this many more are looked at when all that waits is excluded. */
#define SLOP 5

struct walk {
	struct history *history;
	const struct commit_query *query;
	struct node_queue queue;
	size_t wanted_in_queue; /* queued and not excluded */
	struct node **found;
	size_t found_count;
	size_t found_room;
	struct arena *scratch;
	bool limited;
	bool gave_up;
};

static int push(struct walk *walk, struct node *node, uint32_t flags, struct err *e)
{
	if (history_load(walk->history, node, e))
		return -(int)e->code;
	node->flags |= flags | SEEN | QUEUED;
	if (!(node->flags & EXCLUDED))
		walk->wanted_in_queue++;
	node_queue_push(&walk->queue, node);
	return 0;
}

static struct node *pop(struct walk *walk)
{
	struct node *node = node_queue_pop(&walk->queue);

	if (node) {
		node->flags &= ~(uint32_t)QUEUED;
		if (!(node->flags & EXCLUDED))
			walk->wanted_in_queue--;
	}
	return node;
}

/* Down from an excluded commit over all that was already walked by mistake. */
static int exclude_parents(struct walk *walk, struct node *start, struct err *e)
{
	struct node_queue todo = { 0 };
	struct node *node = start;
	int result = 0;

	while (node && result == 0) {
		for (size_t i = 0; i < node->parents_count && result == 0; i++) {
			struct node *parent = node->parents[i];

			if (parent->flags & EXCLUDED)
				continue;
			if (parent->flags & QUEUED)
				walk->wanted_in_queue--;
			parent->flags |= EXCLUDED;
			if (!(parent->flags & SEEN))
				result = push(walk, parent, EXCLUDED, e);
			else if (!(parent->flags & QUEUED))
				node_queue_push(&todo, parent);
		}
		node = node_queue_pop(&todo);
	}
	node_queue_fini(&todo);
	return result;
}

static int push_parent(struct walk *walk, struct node *parent, struct err *e)
{
	return parent->flags & SEEN ? 0 : push(walk, parent, 0, e);
}

static int push_all_parents(struct walk *walk, struct node *node, struct err *e)
{
	size_t count = node->parents_count;

	if (walk->query->first_parent && count > 1)
		count = 1;
	for (size_t i = 0; i < count; i++) {
		if (push_parent(walk, node->parents[i], e))
			return -(int)e->code;
	}
	return 0;
}

/* Follows what is to be followed; says whether the commit changed the path. */
static int follow_path(struct walk *walk, struct node *node, bool *changed, struct err *e)
{
	struct str path = walk->query->path;
	size_t count = node->parents_count;

	if (walk->query->first_parent && count > 1)
		count = 1;
	*changed = true;
	for (size_t i = 0; i < count; i++) {
		bool same;

		if (history_same_path(walk->history, node, i, path, &same, e))
			return -(int)e->code;
		if (same) {
			*changed = false;
			return push_parent(walk, node->parents[i], e);
		}
	}
	if (count == 0) {
		if (history_path(walk->history, node, path, e))
			return -(int)e->code;
		*changed = node->path_mode != 0;
	}
	return push_all_parents(walk, node, e);
}

static bool person_matches(const struct person *person, struct str part)
{
	return text_contains_nocase(person->name, part) ||
	       text_contains_nocase(person->email, part);
}

static int matches(struct walk *walk, const struct node *node, bool *yes, struct err *e)
{
	const struct commit_query *query = walk->query;
	struct arena_mark mark = arena_mark(walk->scratch);
	struct commit commit;

	*yes = query->until.us == 0 || node->seconds <= instant_seconds(query->until);
	if (!*yes || (query->author.n == 0 && query->text.n == 0))
		return 0;
	if (commit_get(history_repo(walk->history), &node->oid, walk->scratch, &commit, e))
		return -(int)e->code;
	*yes = person_matches(&commit.author, query->author) &&
	       text_contains_nocase(commit.message, query->text);
	arena_reset(walk->scratch, mark);
	return 0;
}

static void add_found(struct walk *walk, struct node *node)
{
	if (walk->found_count == walk->found_room) {
		walk->found_room = walk->found_room ? walk->found_room * 2 : 64;
		walk->found = mem_grow(walk->found, walk->found_room * sizeof(walk->found[0]));
	}
	walk->found[walk->found_count++] = node;
}

static int visit(struct walk *walk, struct node *node, struct err *e)
{
	bool changed = true;
	bool wanted;

	if (node->flags & EXCLUDED)
		return exclude_parents(walk, node, e);
	if (walk->query->since.us && node->seconds < instant_seconds(walk->query->since))
		return 0;
	if (walk->query->path.n ? follow_path(walk, node, &changed, e)
				: push_all_parents(walk, node, e))
		return -(int)e->code;
	if (!changed)
		return 0;
	if (matches(walk, node, &wanted, e))
		return -(int)e->code;
	if (wanted)
		add_found(walk, node);
	return 0;
}

static int run(struct walk *walk, size_t enough, struct err *e)
{
	unsigned slop = SLOP;
	struct node *node;

	while ((walk->wanted_in_queue > 0 || slop-- > 0) && (node = pop(walk))) {
		if (walk->wanted_in_queue > 0)
			slop = SLOP;
		if (history_is_spent(walk->history)) {
			walk->gave_up = true;
			return 0;
		}
		if (visit(walk, node, e))
			return -(int)e->code;
		/* What is found may still turn out to be excluded if there is a limit. */
		if (!walk->limited && walk->found_count == enough)
			return 0;
	}
	return 0;
}

static int start(struct walk *walk, struct err *e)
{
	struct node *from;
	struct node *not_from;

	if (history_get(walk->history, &walk->query->from, &from, e))
		return -(int)e->code;
	if (walk->limited) {
		if (history_get(walk->history, &walk->query->not_from, &not_from, e) ||
		    push(walk, not_from, EXCLUDED, e))
			return -(int)e->code;
		if (not_from == from)
			return 0;
	}
	return push(walk, from, 0, e);
}

static int read_found(struct walk *walk, struct repo *repo, struct arena *a,
		      struct commit_list *list, struct err *e)
{
	const struct commit_query *query = walk->query;
	size_t passed = 0;

	list->commits = ARENA_ARRAY(a, struct commit, query->limit + 1);
	list->gave_up = walk->gave_up;
	if (walk->gave_up && walk->limited)
		return 0;
	for (size_t i = 0; i < walk->found_count; i++) {
		if (walk->found[i]->flags & EXCLUDED)
			continue;
		if (passed++ < query->skip)
			continue;
		if (list->commits_count == query->limit) {
			list->has_more = true;
			break;
		}
		if (commit_get(repo, &walk->found[i]->oid, a, &list->commits[list->commits_count],
			       e))
			return -(int)e->code;
		list->commits_count++;
	}
	return 0;
}

int commit_list(struct repo *repo, const struct commit_query *query, struct budget budget,
		struct arena *a, struct commit_list *list, struct err *e)
{
	struct commit_query bounded = *query;
	struct walk walk = { .query = &bounded, .limited = !oid_is_zero(&query->not_from) };
	struct commit_list made = { 0 };
	int result;

	if (bounded.limit == 0 || bounded.limit > COMMIT_LIST_MAX)
		bounded.limit = COMMIT_LIST_MAX;
	if (history_open(repo, budget, &walk.history, e))
		return -(int)e->code;
	walk.scratch = arena_open(0);
	result = start(&walk, e);
	if (result == 0)
		result = run(&walk, bounded.skip + bounded.limit + (bounded.limit > 1), e);
	if (result == 0)
		result = read_found(&walk, repo, a, &made, e);
	if (result == 0)
		*list = made;
	mem_free(walk.found);
	node_queue_fini(&walk.queue);
	arena_close(walk.scratch);
	history_close(walk.history);
	return result;
}

int commit_last(struct repo *repo, const struct oid *from, struct str path, struct budget budget,
		struct arena *a, bool *found, struct commit *commit, struct err *e)
{
	const struct commit_query query = { .from = *from, .path = path, .limit = 1 };
	struct commit_list list;
	struct oid known;

	*found = history_record_find(repo, "last_commit", from, path, known.b, sizeof(known.b));
	if (*found)
		return commit_get(repo, &known, a, commit, e);
	if (commit_list(repo, &query, budget, a, &list, e) < 0)
		return -(int)e->code;
	*found = list.commits_count > 0;
	if (!*found)
		return 0;
	*commit = list.commits[0];
	history_record_put(repo, "last_commit", from, path, commit->oid.b, sizeof(commit->oid.b));
	return 0;
}

static int count_all(struct history *history, struct node *from, size_t *count, bool *complete,
		     struct err *e)
{
	struct node_queue queue = { 0 };
	struct node *node;
	int result = 0;

	*count = 0;
	*complete = true;
	from->flags = SEEN;
	node_queue_push(&queue, from);
	while (result == 0 && (node = node_queue_pop(&queue))) {
		if (history_is_spent(history)) {
			*complete = false;
			break;
		}
		++*count;
		for (size_t i = 0; i < node->parents_count && result == 0; i++) {
			struct node *parent = node->parents[i];

			if (parent->flags & SEEN)
				continue;
			parent->flags |= SEEN;
			result = history_load(history, parent, e);
			node_queue_push(&queue, parent);
		}
	}
	node_queue_fini(&queue);
	return result;
}

int commit_count(struct repo *repo, const struct oid *from, struct budget budget, size_t *count,
		 bool *complete, struct err *e)
{
	struct history *history;
	struct node *node;
	int result;

	*complete = history_record_find(repo, "commit_count", from, STR(""), count, sizeof(*count));
	if (*complete)
		return 0;
	if (history_open(repo, budget, &history, e))
		return -(int)e->code;
	result = history_get(history, from, &node, e);
	if (result == 0)
		result = count_all(history, node, count, complete, e);
	history_close(history);
	if (result == 0 && *complete)
		history_record_put(repo, "commit_count", from, STR(""), count, sizeof(*count));
	return result;
}
