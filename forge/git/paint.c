/*
 * The relation of two commits, by painting down from both (git's
 * paint_down_to_common): the newest painted commit passes its colours to its
 * parents. By generation where the commit-graph knows it, so that wrong clocks
 * do not matter; else by time, as git does without one.
 */
#include "git/commit.h"
#include "git/history.h"

#include "base/mem.h"

enum { OURS = 1, THEIRS = 2, STALE = 4, RESULT = 8, QUEUED = 16 };

#define BOTH (OURS | THEIRS)
#define RELATION_MS 10000
#define BASES_MAX 64
#define SLOP 8

struct painting {
	struct history *history;
	struct node_queue queue;
	size_t live; /* queued nodes that can still change the answer */
	struct node *bases[BASES_MAX];
	size_t bases_count;
};

static int open_painting(struct repo *repo, struct budget budget, struct painting *p, struct err *e)
{
	*p = (struct painting){ .queue.by_generation = true };
	return history_open(repo, budget, &p->history, e);
}

static void close_painting(struct painting *p)
{
	node_queue_fini(&p->queue);
	history_close(p->history);
}

static struct budget relation_budget(void)
{
	return (struct budget){ clock_monotonic_ms() + RELATION_MS, HISTORY_NODES_MAX };
}

static int out_of_budget(struct err *e)
{
	return err_set(e, ERR_TIMEOUT, "comparing two histories took more than %d s",
		       RELATION_MS / 1000);
}

/* A node with all flags of `dead` matters no more. */
static bool is_live(uint32_t flags, uint32_t dead)
{
	return (flags & dead) != dead;
}

static int colour(struct painting *p, struct node *node, uint32_t flags, uint32_t dead,
		  struct err *e)
{
	uint32_t before = node->flags;

	if ((before & flags) == flags)
		return 0;
	if (history_load(p->history, node, e))
		return -(int)e->code;
	node->flags |= flags;
	if (before & QUEUED) {
		if (is_live(before, dead) && !is_live(node->flags, dead))
			p->live--;
		return 0;
	}
	node->flags |= QUEUED;
	if (is_live(node->flags, dead))
		p->live++;
	node_queue_push(&p->queue, node);
	return 0;
}

static struct node *take(struct painting *p, uint32_t dead)
{
	struct node *node = node_queue_pop(&p->queue);

	if (node == NULL)
		return NULL;
	node->flags &= ~(uint32_t)QUEUED;
	if (is_live(node->flags, dead))
		p->live--;
	return node;
}

static int start(struct painting *p, const struct oid *ours, const struct oid *theirs,
		 uint32_t dead, struct err *e)
{
	struct node *one;
	struct node *two;

	if (history_get(p->history, ours, &one, e) || history_get(p->history, theirs, &two, e) ||
	    colour(p, one, OURS, dead, e) || colour(p, two, THEIRS, dead, e))
		return -(int)e->code;
	return 0;
}

static int find_bases(struct painting *p, struct err *e)
{
	struct node *node;

	while (p->live > 0 && (node = take(p, STALE))) {
		uint32_t flags = node->flags & (BOTH | STALE);

		if (history_is_spent(p->history))
			return out_of_budget(e);
		if ((flags & BOTH) == BOTH) {
			if (!(node->flags & (RESULT | STALE)) && p->bases_count < BASES_MAX) {
				node->flags |= RESULT;
				p->bases[p->bases_count++] = node;
			}
			flags |= STALE;
		}
		for (size_t i = 0; i < node->parents_count; i++) {
			if (colour(p, node->parents[i], flags, STALE, e))
				return -(int)e->code;
		}
	}
	return 0;
}

/* Several can remain after a criss-cross: none is an ancestor of another; the newest is taken. */
static int best_base(struct repo *repo, struct painting *p, const struct node **best, struct err *e)
{
	*best = NULL;
	for (size_t i = 0; i < p->bases_count; i++) {
		bool redundant = (p->bases[i]->flags & STALE) != 0;

		for (size_t j = 0; j < p->bases_count && !redundant; j++) {
			if (i != j && !(p->bases[j]->flags & STALE) &&
			    commit_is_ancestor(repo, &p->bases[i]->oid, &p->bases[j]->oid,
					       &redundant, e))
				return -(int)e->code;
		}
		if (!redundant && (*best == NULL || p->bases[i]->seconds > (*best)->seconds))
			*best = p->bases[i];
	}
	return 0;
}

int commit_merge_base(struct repo *repo, const struct oid *one, const struct oid *two, bool *found,
		      struct oid *base, struct err *e)
{
	struct painting p;
	const struct node *best = NULL;
	int result;

	if (open_painting(repo, relation_budget(), &p, e))
		return -(int)e->code;
	result = start(&p, one, two, STALE, e);
	if (result == 0)
		result = find_bases(&p, e);
	if (result == 0)
		result = best_base(repo, &p, &best, e);
	if (result == 0) {
		*found = best != NULL;
		if (best)
			*base = best->oid;
	}
	close_painting(&p);
	return result;
}

int commit_is_ancestor(struct repo *repo, const struct oid *ancestor, const struct oid *commit,
		       bool *yes, struct err *e)
{
	struct painting p;
	struct node *node;
	int result;

	if (open_painting(repo, relation_budget(), &p, e))
		return -(int)e->code;
	result = start(&p, ancestor, commit, STALE, e);
	if (result == 0)
		result = find_bases(&p, e);
	if (result == 0)
		result = history_get(p.history, ancestor, &node, e);
	if (result == 0)
		*yes = (node->flags & THEIRS) != 0;
	close_painting(&p);
	return result;
}

static void count_side(struct node *node, void *closure)
{
	struct ahead_behind *result = closure;

	if ((node->flags & BOTH) == OURS)
		result->ahead++;
	if ((node->flags & BOTH) == THEIRS)
		result->behind++;
}

static int paint_sides(struct painting *p, bool *complete, struct err *e)
{
	unsigned slop = SLOP;
	struct node *node;

	*complete = true;
	while ((p->live > 0 || slop-- > 0) && (node = take(p, BOTH))) {
		if (p->live > 0)
			slop = SLOP;
		if (history_is_spent(p->history)) {
			*complete = false;
			return 0;
		}
		for (size_t i = 0; i < node->parents_count; i++) {
			if (colour(p, node->parents[i], node->flags & BOTH, BOTH, e))
				return -(int)e->code;
		}
	}
	return 0;
}

int commit_ahead_behind(struct repo *repo, const struct oid *ours, const struct oid *theirs,
			struct budget budget, struct ahead_behind *result, struct err *e)
{
	struct painting p;
	struct ahead_behind counted = { 0 };
	int code;

	if (open_painting(repo, budget, &p, e))
		return -(int)e->code;
	code = start(&p, ours, theirs, BOTH, e);
	if (code == 0)
		code = paint_sides(&p, &counted.complete, e);
	if (code == 0) {
		history_each(p.history, count_side, &counted);
		*result = counted;
	}
	close_painting(&p);
	return code;
}
