#include "cli/commands.h"

#include "base/buf.h"
#include "domain/runner_view.h"
#include "store/db.h"

static void show_json(struct cli *cli, const struct runner_view *view)
{
	const struct runner *runner = &view->runner;
	struct jsonw *w = &cli->to;

	jsonw_object(w);
	jsonw_field_int(w, "id", runner->id.v);
	jsonw_field_str(w, "description", runner->description);
	jsonw_field_str(w, "runner_type",
			arena_fmt(cli->arena, "%s_type", runner_kind_name(runner->kind)));
	jsonw_field_str(w, "place", view->place);
	jsonw_field_str(w, "status", str_c(runner_state_name(view->state)));
	jsonw_field_bool(w, "paused", runner->is_paused);
	jsonw_field_bool(w, "run_untagged", runner->run_untagged);
	jsonw_field_bool(w, "protected", runner->is_protected);
	jsonw_field_array(w, "tag_list");
	for (size_t i = 0; i < runner->tags.count; i++)
		jsonw_str(w, runner->tags.items[i]);
	jsonw_end(w);
	jsonw_field_int(w, "running", view->busy);
	jsonw_end(w);
}

static void show(struct cli *cli, const struct runner_view *view)
{
	const struct runner *runner = &view->runner;
	struct buf tags;

	if (cli->json) {
		show_json(cli, view);
		return;
	}
	buf_init(&tags, 64 * 1024);
	for (size_t i = 0; i < runner->tags.count; i++)
		buf_addf(&tags, "%s%.*s", i > 0 ? "," : " tags ", STR_FMT(runner->tags.items[i]));
	cli_say(cli, "%-6lld %-16s %-8s %.*s%s%.*s%s%.*s", (long long)runner->id.v,
		runner_state_name(view->state), runner_kind_name(runner->kind),
		STR_FMT(view->place), str_is_empty(view->place) ? "" : " ",
		STR_FMT(runner->description), runner->is_paused ? " (paused)" : "",
		STR_FMT(buf_str(&tags)));
	buf_fini(&tags);
}

static int list_runners(struct cli *cli, struct err *e)
{
	const struct runner_query query = { 0 };
	struct listing slice = LISTING_FIRST;
	struct runner_views list;
	AUTO_DB db = NULL;

	if (db_acquire(cli->app->db, &db, e) < 0)
		return -(int)e->code;
	if (cli->json)
		jsonw_array(&cli->to);
	do {
		struct arena_mark mark = arena_mark(cli->arena);

		if (runner_list(db, &query, slice, cli->arena, &list, e) < 0)
			return -(int)e->code;
		for (size_t i = 0; i < list.count; i++)
			show(cli, &list.items[i]);
		slice.offset += slice.limit;
		arena_reset(cli->arena, mark);
	} while (list.count == LISTING_MAX);
	if (cli->json)
		jsonw_end(&cli->to);
	return 0;
}

const struct command command_runner_list = {
	.name = "runner list",
	.summary = "Lists the runners: number, state, whose jobs they run, tags.",
	.needs = COMMAND_NEEDS_DATABASE,
	.run = list_runners,
};
