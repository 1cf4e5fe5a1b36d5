/*
 * Reading git's commit-graph files (gitformat-commit-graph(5)): parents, tree,
 * time and generation of a commit without touching its object, and the
 * changed-path filters, which say "this commit surely did not change that path".
 * Own reader, because libgit2 1.5.1 refuses what git 2.39 writes by default
 * (GDA2 chunks, split chains).
 *
 * The files are trusted no more than a stranger's bytes: sizes, offsets and
 * positions are checked at opening or at use; a file that does not hold
 * together counts as not there. Its contents are git's own (housekeeping writes
 * it), so what it says about commits is believed.
 *
 * Threads: read-only once open. Ownership: open .. close.
 */
#ifndef GIT_COMMIT_GRAPH_H
#define GIT_COMMIT_GRAPH_H

#include "git/oid.h"

struct commit_graph;
struct path_filter;

/* NULL if the repository has none, or none that can be read. */
struct commit_graph *commit_graph_open(const char *repo_path);
void commit_graph_close(struct commit_graph *graph); /* NULL is fine */

/* Position over all layers. */
MUST_USE bool commit_graph_find(const struct commit_graph *graph, const struct oid *oid,
				uint32_t *at);
struct oid commit_graph_oid(const struct commit_graph *graph, uint32_t at);
uint32_t commit_graph_count(const struct commit_graph *graph);

#define GRAPH_PARENTS_MAX 1024

struct graph_commit {
	struct oid tree;
	int64_t seconds;
	uint32_t generation; /* topological level; 0 = not computed */
	size_t parents_count;
	uint32_t parents[GRAPH_PARENTS_MAX];
};
void commit_graph_read(const struct commit_graph *graph, uint32_t at, struct graph_commit *commit);

/* The hashes of one path and of the folders above it. */
struct path_filter *path_filter_make(struct arena *a, struct str path);
/* True: the path is the same as in the first parent. False: nothing is known. */
bool commit_graph_surely_same(const struct commit_graph *graph, uint32_t at,
			      const struct path_filter *filter);

#endif
