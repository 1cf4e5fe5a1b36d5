#include "ci/graph.h"

enum visit { VISIT_NEW, VISIT_OPEN, VISIT_DONE };

size_t ci_graph_find(const struct ci_graph *graph, struct str name)
{
	size_t i = 0;

	while (i < graph->count && !str_eq(graph->names[i], name))
		i++;
	return i;
}

/*
 * Depth first, as deep as there are jobs, which CI_JOBS_MAX bounds.
 * An open job met again closes a circle.
 */
static int visit(struct ci_planning *p, const struct ci_graph *graph, size_t at, enum visit *visits,
		 struct err *e)
{
	const struct ci_needs *needs = graph->needs[at];

	visits[at] = VISIT_OPEN;
	for (size_t i = 0; i < needs->count; i++) {
		const struct ci_need *need = &needs->items[i];
		size_t needed = ci_graph_find(graph, need->job);

		if (needed == graph->count || visits[needed] == VISIT_DONE)
			continue;
		if (visits[needed] == VISIT_OPEN)
			return ci_fail_at(&p->fail, need->mark, e,
					  "The pipeline has circular dependencies: %.*s needs %.*s",
					  STR_FMT(graph->names[at]), STR_FMT(need->job));
		if (visit(p, graph, needed, visits, e) < 0)
			return -(int)e->code;
	}
	visits[at] = VISIT_DONE;
	return 0;
}

int ci_graph_check(struct ci_planning *p, const struct ci_graph *graph, struct err *e)
{
	enum visit *visits = ARENA_ARRAY(p->arena, enum visit, graph->count);

	for (size_t i = 0; i < graph->count; i++)
		if (visits[i] == VISIT_NEW && visit(p, graph, i, visits, e) < 0)
			return -(int)e->code;
	return 0;
}
