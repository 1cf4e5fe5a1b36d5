#include "cli/account.h"
#include "cli/commands.h"

#include "domain/project.h"
#include "store/db.h"

static void show(struct cli *cli, const struct project *project)
{
	struct jsonw *w = &cli->to;

	if (!cli->json) {
		cli_say(cli, "%-40.*s %s%s", STR_FMT(project->path),
			visibility_name(project->visibility),
			project->is_archived ? ", archived" : "");
		return;
	}
	jsonw_object(w);
	jsonw_field_int(w, "id", project->id.v);
	jsonw_field_str(w, "path_with_namespace", project->path);
	jsonw_field_str(w, "name", project->name);
	jsonw_field_str(w, "description", project->description);
	jsonw_field_str(w, "visibility", str_c(visibility_name(project->visibility)));
	jsonw_field_str(w, "default_branch", project->default_branch);
	jsonw_field_bool(w, "archived", project->is_archived);
	jsonw_field_bool(w, "empty_repo", project->is_empty);
	jsonw_field_time(w, "created_at", project->created_at);
	jsonw_field_time(w, "last_activity_at", project->last_activity_at);
	jsonw_end(w);
}

static int show_all(struct cli *cli, struct db *db, const struct project_filter *filter,
		    struct err *e)
{
	const struct actor system = actor_system();
	struct listing slice = LISTING_FIRST;
	struct projects projects;

	do {
		struct arena_mark mark = arena_mark(cli->arena);

		if (project_list(db, &system, filter, slice, cli->arena, &projects, e) < 0)
			return -(int)e->code;
		for (size_t i = 0; i < projects.count; i++)
			show(cli, projects.items[i]);
		slice.offset += slice.limit;
		arena_reset(cli->arena, mark);
	} while (projects.count == LISTING_MAX);
	return 0;
}

static int list_projects(struct cli *cli, struct err *e)
{
	const struct project_filter filter = { .search = str_c(cli_option(cli, "search")) };
	AUTO_DB db = NULL;
	int code;

	if (db_acquire(cli->app->db, &db, e) < 0)
		return -(int)e->code;
	if (cli->json)
		jsonw_array(&cli->to);
	code = show_all(cli, db, &filter, e);
	if (cli->json)
		jsonw_end(&cli->to);
	return code;
}

static const struct command_option options[] = {
	{ "search", "TEXT", "only those with this in path or name", 0 },
};

const struct command command_project_list = {
	.name = "project list",
	.summary = "Lists the projects, last active first.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = list_projects,
};
