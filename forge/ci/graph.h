/*
 * The graph that `needs` makes of jobs: asked of the whole file, and again of
 * the jobs that a plan kept, because rules may replace needs.
 */
#ifndef CI_GRAPH_H
#define CI_GRAPH_H

#include "ci/rules.h"

struct ci_graph {
	struct str *names;
	const struct ci_needs **needs;
	size_t count;
};

/* The position of a job, or graph->count. */
size_t ci_graph_find(const struct ci_graph *graph, struct str name);

/* Fails at the need that closes a circle. */
MUST_USE int ci_graph_check(struct ci_planning *p, const struct ci_graph *graph, struct err *e);

#endif
