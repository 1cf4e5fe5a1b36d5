/*
 * Commits as a graph, inside forge/git only: each commit met on a walk is one
 * node, with its parents as pointers; loaded from the commit-graph file where
 * there is one, else from the object. A history belongs to one walk.
 *
 * Memory: about 150 bytes a commit, bounded by HISTORY_NODES_MAX; the budget
 * counts loaded commits and the clock.
 */
#ifndef GIT_HISTORY_H
#define GIT_HISTORY_H

#include "base/clock.h"
#include "git/libgit.h"

#define HISTORY_NODES_MAX 2000000u
/* A commit that is in no commit-graph file may be anywhere above those that are. */
#define GENERATION_UNKNOWN UINT32_MAX

struct node {
	struct oid oid;
	struct oid tree;
	struct node **parents;
	void *data;      /* of the walk */
	int64_t seconds; /* of the committer */
	uint64_t order;  /* when it entered the queue: equal times keep their order */
	uint32_t generation;
	uint32_t graph_at; /* position in the commit-graph, or UINT32_MAX */
	uint32_t flags;    /* of the walk */
	uint16_t parents_count;
	bool is_loaded;
	bool has_path;      /* path_oid is known: of path_in_tree */
	unsigned path_mode; /* 0: not there */
	struct oid path_oid;
};

struct history;

MUST_USE int history_open(struct repo *repo, struct budget budget, struct history **history,
			  struct err *e);
void history_close(struct history *history); /* NULL is fine */
struct arena *history_arena(struct history *history);

/* Loaded: tree, time and parents are there; the parents themselves are not loaded yet. */
MUST_USE int history_get(struct history *history, const struct oid *oid, struct node **node,
			 struct err *e);
MUST_USE int history_load(struct history *history, struct node *node, struct err *e);

/* True when the budget is used up; the walk then ends with what it has. */
bool history_is_spent(struct history *history);

/* Each node ever met; for counting at the end of a walk. */
void history_each(struct history *history, void (*visit)(struct node *node, void *closure),
		  void *closure);

/*
 * What stands at `path` in this commit; kept in the node (one path a history).
 * mode 0: nothing.
 */
MUST_USE int history_path(struct history *history, struct node *node, struct str path,
			  struct err *e);
/*
 * Is the path the same in this commit and its parent `at`? Answered by the
 * changed-path filter for the first parent where the commit-graph has one.
 */
MUST_USE int history_same_path(struct history *history, struct node *node, size_t at,
			       struct str path, bool *same, struct err *e);

struct commit_graph *history_graph(struct history *history);
struct repo *history_repo(struct history *history);

/* A queue of nodes, newest first; or by generation first, for reachability. */
struct node_queue {
	struct node **items;
	size_t count;
	size_t room;
	uint64_t pushed;
	bool by_generation;
};
void node_queue_push(struct node_queue *queue, struct node *node);
struct node *node_queue_pop(struct node_queue *queue); /* NULL: empty */
void node_queue_fini(struct node_queue *queue);

#endif
