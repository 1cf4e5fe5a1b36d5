#include "cli/commands.h"

#include "domain/access.h"
#include "domain/runner_view.h"
#include "store/db.h"

static int find_project(struct cli *cli, struct db *db, struct runner_new *in, struct err *e)
{
	const struct actor system = actor_system();
	struct project_access found;

	if (access_get_project(db, &system, str_c(cli_option(cli, "project")),
			       ACTION_RUNNERS_CREATE, cli->arena, &found, e) < 0)
		return err_add(e, "--project %s", cli_option(cli, "project"));
	in->kind = RUNNER_PROJECT;
	in->project = found.project.id;
	return 0;
}

static int find_group(struct cli *cli, struct db *db, struct runner_new *in, struct err *e)
{
	const struct actor system = actor_system();
	struct namespace_access found;

	if (access_find_namespace(db, &system, str_c(cli_option(cli, "group")), cli->arena, &found,
				  e) < 0)
		return -(int)e->code;
	if (!found.target.exists || found.namespace.kind != NAMESPACE_GROUP)
		return err_set(e, ERR_NOT_FOUND, "There is no group %s.", cli_option(cli, "group"));
	in->kind = RUNNER_GROUP;
	in->namespace = found.namespace.id;
	return 0;
}

/* Whose jobs it may run: those of a project, of a group and below, or all. */
static int find_place(struct cli *cli, struct db *db, struct runner_new *in, struct err *e)
{
	if (cli_flag(cli, "project") && cli_flag(cli, "group"))
		return err_set(e, ERR_INVALID, "Say --project or --group, not both.");
	if (cli_flag(cli, "project"))
		return find_project(cli, db, in, e);
	return cli_flag(cli, "group") ? find_group(cli, db, in, e) : 0;
}

static void show(struct cli *cli, const struct runner_new *in, struct runner_id id,
		 struct str token)
{
	struct jsonw *w = &cli->to;

	if (!cli->json) {
		/* Alone, so that TOKEN=$(hearth runner create ...) works. */
		cli_say(cli, "%.*s", STR_FMT(token));
		return;
	}
	jsonw_object(w);
	jsonw_field_int(w, "id", id.v);
	jsonw_field_str(w, "runner_type",
			arena_fmt(cli->arena, "%s_type", runner_kind_name(in->kind)));
	jsonw_field_str(w, "token", token);
	jsonw_end(w);
}

static int create_runner(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	const char *description = cli_option(cli, "description");
	struct runner_new in = { .kind = RUNNER_INSTANCE,
				 .description = description ? str_c(description) : STR(""),
				 .run_untagged = !cli_flag(cli, "tagged-only"),
				 .is_protected = cli_flag(cli, "protected") };
	AUTO_DB db = NULL;
	struct runner_id id;
	struct str token;

	if (cli_option(cli, "tags"))
		in.tags = runner_tags_of_text(str_c(cli_option(cli, "tags")), cli->arena);
	if (db_acquire(cli->app->db, &db, e) < 0 || find_place(cli, db, &in, e) < 0 ||
	    runner_create(db, &system, &in, cli->arena, &id, &token, e) < 0)
		return -(int)e->code;
	show(cli, &in, id, token);
	return 0;
}

static const struct command_option options[] = {
	{ "project", "P", "runs jobs of this project only", 0 },
	{ "group", "G", "runs jobs of this group and of what is below it", 0 },
	{ "tags", "A,B", "runs jobs whose tags are among these", 0 },
	{ "tagged-only", NULL, "leaves jobs without tags to others", 0 },
	{ "protected", NULL, "runs jobs of protected branches and tags only", 0 },
	{ "description", "D", "what people read in the list of runners", 0 },
};

const struct command command_runner_create = {
	.name = "runner create",
	.summary = "Makes a runner and prints its token (glrt-...) alone.",
	.help = "It is shown this once; `hearth-runner register --url URL --token TOKEN` on the\n"
		"host that shall run jobs uses it. Without --project and --group it runs jobs of\n"
		"all projects.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = create_runner,
};
