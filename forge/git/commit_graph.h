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

/* The two hashes of a path from which its bits in every filter follow. */
struct path_filter {
	uint32_t first;
	uint32_t second;
};
struct path_filter path_filter_make(struct str path);

/* The filter of one commit against its first parent; bits 0: it has none. */
struct changed_paths {
	const unsigned char *bytes;
	uint32_t bits;
	uint32_t hashes;
};
struct changed_paths commit_graph_changed_paths(const struct commit_graph *graph, uint32_t at);

/* True: the path is the same as in the first parent. False: nothing is known. */
static inline bool changed_paths_surely_not(const struct changed_paths *changed,
					    const struct path_filter *filter)
{
	uint32_t hash = filter->first;

	if (changed->bits == 0)
		return false;
	for (uint32_t i = 0; i < changed->hashes; i++, hash += filter->second) {
		uint32_t bit = hash % changed->bits;

		if (!(changed->bytes[bit / 8] & (1u << (bit & 7))))
			return true;
	}
	return false;
}

#endif
