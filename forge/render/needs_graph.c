#include "render/needs_graph.h"

#include "render/badge.h"

#include <inttypes.h>

#define NODE_WIDTH 200
#define NODE_HEIGHT 34
#define COLUMN_STEP 272 /* from column to column: what is between is for lines */
#define GAP (COLUMN_STEP - NODE_WIDTH)
#define ROW_STEP 46
#define MARGIN 8
#define TOP 34 /* the stages' names are above */
#define TEXT_START 34
#define TEXT_ROOM (NODE_WIDTH - TEXT_START - 10)
#define STUB 26
#define LOOP 40 /* how far a line within a stage leans out */

/* Jobs are written in a font a bit wider than the one badges measure by. */
static int64_t text_width(struct str text)
{
	return badge_text_width(text) * 6 / 5;
}

static struct str fitting(struct str name, struct arena *a)
{
	size_t n = name.n;

	if (text_width(name) <= TEXT_ROOM)
		return name;
	while (n > 0 && text_width(str_upto(name, n)) > TEXT_ROOM - 12) {
		n--;
		while (n > 0 && ((unsigned char)name.p[n] & 0xc0) == 0x80)
			n--;
	}
	return arena_fmt(a, "%.*s…", STR_FMT(str_upto(name, n)));
}

static size_t find(const struct needs_graph_job *jobs, size_t count, struct str name)
{
	size_t at = 0;

	while (at < count && !str_eq(jobs[at].name, name))
		at++;
	return at;
}

static bool is_worth_drawing(const struct needs_graph_job *jobs, size_t count)
{
	size_t needs = 0;

	for (size_t i = 0; i < count; i++)
		needs += jobs[i].needs.count;
	return needs > 0 && needs + count <= NEEDS_GRAPH_EDGES_MAX && count <= NEEDS_GRAPH_JOBS_MAX;
}

static void place_node(const struct needs_graph_job *job, size_t column, size_t row,
		       struct view_needs_node *node, struct arena *a)
{
	const int64_t x = MARGIN + (int64_t)column * COLUMN_STEP;
	const int64_t y = TOP + (int64_t)row * ROW_STEP;

	*node = (struct view_needs_node){
		.x = x,
		.y = y,
		.icon_x = x + 10,
		.icon_y = y + (NODE_HEIGHT - 16) / 2,
		.text_x = x + TEXT_START,
		.text_y = y + NODE_HEIGHT / 2 + 5,
		.name = fitting(job->name, a),
		.full_name = job->name,
		.word = job->word,
		.url = job->url,
		.look = job->look,
		.icon = job->icon,
	};
}

static void place_nodes(const struct needs_graph_job *jobs, size_t count,
			struct view_needs_graph *v, struct arena *a)
{
	size_t row = 0;
	size_t rows = 0;

	for (size_t i = 0; i < count; i++) {
		row = i > 0 && jobs[i].stage_index == jobs[i - 1].stage_index ? row + 1 : 0;
		if (row == 0) {
			v->columns[v->columns_count] = (struct view_needs_column){
				MARGIN + (int64_t)v->columns_count * COLUMN_STEP, jobs[i].stage
			};
			v->columns_count++;
		}
		place_node(&jobs[i], v->columns_count - 1, row, &v->nodes[v->nodes_count++], a);
		rows = row + 1 > rows ? row + 1 : rows;
	}
	v->width = 2 * MARGIN + (int64_t)(v->columns_count - 1) * COLUMN_STEP + NODE_WIDTH;
	v->height = TOP + (int64_t)rows * ROW_STEP - (ROW_STEP - NODE_HEIGHT) + MARGIN;
}

/* Within a stage: out to the right and back. */
static struct str path_in_stage(int64_t x, int64_t y1, int64_t y2, struct arena *a)
{
	return arena_fmt(a, "M%" PRId64 " %" PRId64 "c%d 0 %d %" PRId64 " 0 %" PRId64, x, y1, LOOP,
			 LOOP, y2 - y1, y2 - y1);
}

/* Over stages between: in the lane under (or over) the row it comes from, where no job is. */
static struct str path_by_lane(int64_t x1, int64_t y1, int64_t x2, int64_t y2, struct arena *a)
{
	const int64_t lane = y2 < y1 ? y1 - ROW_STEP / 2 : y1 + ROW_STEP / 2;

	return arena_fmt(a,
			 "M%" PRId64 " %" PRId64 "c%d 0 %d %" PRId64 " %d %" PRId64 "H%" PRId64
			 "c%d 0 %d %" PRId64 " %d %" PRId64,
			 x1, y1, GAP / 2, GAP / 2, lane - y1, GAP, lane - y1, x2 - GAP, GAP / 2,
			 GAP / 2, y2 - lane, GAP, y2 - lane);
}

static struct str path(const struct view_needs_node *from, const struct view_needs_node *to,
		       struct arena *a)
{
	const int64_t x = from->x + NODE_WIDTH;
	const int64_t y1 = from->y + NODE_HEIGHT / 2;
	const int64_t y2 = to->y + NODE_HEIGHT / 2;

	if (from->x >= to->x)
		return path_in_stage(x, y1, y2, a);
	if (to->x - x > GAP)
		return path_by_lane(x, y1, to->x, y2, a);
	return arena_fmt(a, "M%" PRId64 " %" PRId64 "c%d 0 %d %" PRId64 " %d %" PRId64, x, y1,
			 GAP / 2, GAP / 2, y2 - y1, GAP, y2 - y1);
}

static void add_edge(struct view_needs_graph *v, struct str line, bool is_by_stages)
{
	v->edges[v->edges_count++] = (struct view_needs_edge){ line, is_by_stages };
}

static void draw_edges(const struct needs_graph_job *jobs, size_t count, struct view_needs_graph *v,
		       struct arena *a)
{
	for (size_t i = 0; i < count; i++) {
		const struct view_needs_node *node = &v->nodes[i];

		/* An optional need may name a job that is not there. */
		for (size_t n = 0; n < jobs[i].needs.count; n++) {
			size_t from = find(jobs, count, jobs[i].needs.items[n]);

			if (from < count && from != i)
				add_edge(v, path(&v->nodes[from], node, a), false);
		}
		if (!jobs[i].has_needs && node->x > MARGIN)
			add_edge(v,
				 arena_fmt(a, "M%" PRId64 " %" PRId64 "h%d", node->x - STUB,
					   node->y + NODE_HEIGHT / 2, STUB),
				 true);
	}
}

struct view_needs_graph needs_graph(const struct needs_graph_job *jobs, size_t count,
				    struct arena *a)
{
	struct view_needs_graph v = { .node_width = NODE_WIDTH, .node_height = NODE_HEIGHT };

	if (!is_worth_drawing(jobs, count))
		return v;
	v.columns = ARENA_ARRAY(a, struct view_needs_column, count);
	v.nodes = ARENA_ARRAY(a, struct view_needs_node, count);
	v.edges = ARENA_ARRAY(a, struct view_needs_edge, NEEDS_GRAPH_EDGES_MAX);
	place_nodes(jobs, count, &v, a);
	draw_edges(jobs, count, &v, a);
	return v;
}
