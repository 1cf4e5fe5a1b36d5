#include "render/needs_graph.h"

#include "render/emit.h"
#include "support/check.h"
#include "tmpl/pipeline_needs.h"

static struct needs_graph_job job(const char *name, int32_t stage, struct str *needs, size_t count)
{
	return (struct needs_graph_job){ .name = str_c(name),
					 .stage = stage == 0 ? STR("build") : STR("test"),
					 .stage_index = stage,
					 .has_needs = needs != NULL,
					 .needs = { needs, count },
					 .look = "ok",
					 .icon = "check",
					 .word = STR("passed"),
					 .url = STR("/a/-/jobs/1") };
}

static void lines_lead_from_what_is_needed(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct str needs[] = { STR("compile"), STR("gone") };
	struct str same[] = { STR("unit") };
	const struct needs_graph_job jobs[] = {
		job("compile", 0, NULL, 0),
		job("unit", 1, needs, 2),
		job("report", 1, same, 1),
		job("slow", 1, NULL, 0),
	};
	struct view_needs_graph v = needs_graph(jobs, ARRAY_LEN(jobs), a);

	check_int(v.columns_count, 2);
	check_int(v.nodes_count, 4);
	check_int(v.nodes[2].x, v.nodes[1].x);
	check_int(v.nodes[2].y, v.nodes[1].y + 46);
	check_int(v.edges_count, 3);
	check_str(v.edges[0].path, "M208 51c36 0 36 0 72 0");
	check_str(v.edges[1].path, "M480 51c40 0 40 46 0 46");
	check_str(v.edges[2].path, "M254 143h26");
	check_true(v.edges[2].is_by_stages);
	check_int(v.width, 488);
	check_int(v.height, 168);
	arena_close(a);
}

static void a_line_over_a_stage_goes_between_its_rows(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct str needs[] = { STR("a") };
	const struct needs_graph_job jobs[] = { job("a", 0, NULL, 0), job("b", 1, NULL, 0),
						job("c", 2, needs, 1) };
	struct view_needs_graph v = needs_graph(jobs, 3, a);

	check_int(v.edges_count, 2);
	check_str(v.edges[1].path, "M208 51c36 0 36 23 72 23H480c36 0 36 -23 72 -23");
	arena_close(a);
}

static void without_needs_or_with_too_many_there_is_no_picture(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct str needs[NEEDS_GRAPH_EDGES_MAX];
	struct needs_graph_job jobs[] = { job("a", 0, NULL, 0), job("b", 1, NULL, 0) };

	for (size_t i = 0; i < ARRAY_LEN(needs); i++)
		needs[i] = STR("a");
	check_int(needs_graph(jobs, 2, a).width, 0);
	check_int(needs_graph(jobs, 0, a).width, 0);
	jobs[1] = job("b", 1, needs, ARRAY_LEN(needs));
	check_int(needs_graph(jobs, 2, a).width, 0);
	jobs[1] = job("b", 1, needs, ARRAY_LEN(needs) - 2);
	check_int(needs_graph(jobs, 2, a).edges_count, NEEDS_GRAPH_EDGES_MAX - 2);
	arena_close(a);
}

static void a_long_name_is_cut_between_characters(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct str needs[] = { STR("сборка для самых старых машин") };
	const struct needs_graph_job jobs[] = { job("сборка для самых старых машин", 0, NULL, 0),
						job("b", 1, needs, 1) };
	struct view_needs_graph v = needs_graph(jobs, 2, a);

	check_str(v.nodes[0].name, "сборка для с…");
	check_str(v.nodes[0].full_name, "сборка для самых старых машин");
	check_str(v.nodes[1].name, "b");
	arena_close(a);
}

/* The whole picture; the same for the same jobs, byte by byte. */
static void the_picture_is_a_group_of_links(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct str needs[] = { STR("<b>") };
	const struct needs_graph_job jobs[] = { job("<b>", 0, NULL, 0), job("t", 1, needs, 1) };
	struct view_needs_graph v = needs_graph(jobs, 2, a);
	struct buf out;
	struct emit emit = { .out = &out, .language = language_find(STR("en")) };
	struct str text;
	size_t at;

	buf_init(&out, 1 << 20);
	tmpl_pipeline_needs(&emit, &v);
	text = buf_str(&out);
	at = str_find_str(text, STR("<text class=\"stage\""));
	check_true(at < text.n);
	text = str_from(text, at);
	check_str(str_upto(text, str_find_str(text, STR("<g class"))),
		  "<text class=\"stage\" x=\"8\" y=\"20\">build</text>"
		  "<text class=\"stage\" x=\"280\" y=\"20\">test</text>\n"
		  "<path d=\"M208 51c36 0 36 0 72 0\"></path>\n"
		  "<a href=\"/a/-/jobs/1\"><title>&lt;b&gt;: passed</title>"
		  "<rect x=\"8\" y=\"34\" width=\"200\" height=\"34\" rx=\"6\"></rect>");
	buf_fini(&out);
	arena_close(a);
}

RUN_TESTS(TEST(lines_lead_from_what_is_needed), TEST(a_line_over_a_stage_goes_between_its_rows),
	  TEST(without_needs_or_with_too_many_there_is_no_picture),
	  TEST(a_long_name_is_cut_between_characters), TEST(the_picture_is_a_group_of_links))
