/*
 * The jobs of a pipeline as a picture: stages are columns, a line leads from each job to
 * those that need it. Where a job goes by stages, a short dashed line says so. Places are
 * whole pixels and depend on nothing but the jobs, so equal pipelines look equal.
 *
 * The picture adds to the page: what a job needs stands in words beside it as well.
 * Drawn by templates/pipeline/needs.html. Threads: pure.
 */
#ifndef RENDER_NEEDS_GRAPH_H
#define RENDER_NEEDS_GRAPH_H

#include "base/arena.h"
#include "base/list.h"

/* More lines say nothing to anybody: such a pipeline has no picture. */
#define NEEDS_GRAPH_EDGES_MAX 1000
#define NEEDS_GRAPH_JOBS_MAX 500

struct needs_graph_job {
	struct str name, stage;
	int32_t stage_index; /* jobs come in its order */
	bool has_needs;      /* goes by needs, not by stages */
	struct str_list needs;
	const char *look, *icon; /* of its state */
	struct str word, url;
};

struct view_needs_node {
	int64_t x, y, icon_x, icon_y, text_x, text_y;
	struct str name; /* shortened to fit */
	struct str full_name, word, url;
	const char *look, *icon;
};

struct view_needs_edge {
	struct str path; /* of an SVG path */
	bool is_by_stages;
};

struct view_needs_column {
	int64_t x;
	struct str name;
};

struct view_needs_graph {
	int64_t width, height, node_width, node_height; /* width 0: no picture */
	struct view_needs_column *columns;
	size_t columns_count;
	struct view_needs_node *nodes;
	size_t nodes_count;
	struct view_needs_edge *edges;
	size_t edges_count;
};

/* No picture if no job has needs, or if there is too much to draw. */
struct view_needs_graph needs_graph(const struct needs_graph_job *jobs, size_t count,
				    struct arena *a);

#endif
