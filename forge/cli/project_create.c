/*
 * `hearth project create GROUP/NAME`: the rows, and then the repository by the
 * git role. When that does not run, the project is there all the same: the
 * repository is made when the server starts.
 */
#include "cli/account.h"
#include "cli/commands.h"

#include "domain/project.h"
#include "git/operation.h"
#include "store/db.h"

static int make_repository(struct cli *cli, struct db *db, const struct project *project,
			   bool *is_made, struct err *e)
{
	const struct git_operation_request request = {
		.op = GIT_OP_INIT,
		.project_id = project->id.v,
		.user_id = GIT_USER_SYSTEM,
		.request_id = "cli",
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(cli->arena, project->default_branch),
	};

	*is_made = false;
	if (git_operation_run(cli->app->run, &request, e) < 0)
		return e->code == ERR_UNAVAILABLE ? 0 : -(int)e->code;
	*is_made = true;
	return project_note_repository(db, project->id, e);
}

static void show(struct cli *cli, const struct project *project, bool is_made)
{
	struct jsonw *w = &cli->to;

	if (cli->json) {
		jsonw_object(w);
		jsonw_field_int(w, "id", project->id.v);
		jsonw_field_str(w, "path_with_namespace", project->path);
		jsonw_field_str(w, "visibility", str_c(visibility_name(project->visibility)));
		jsonw_field_str(w, "default_branch", project->default_branch);
		jsonw_field_bool(w, "has_repository", is_made);
		jsonw_end(w);
	}
	cli_say(cli, "%.*s was made (%s).", STR_FMT(project->path),
		visibility_name(project->visibility));
	if (!is_made)
		cli_say(cli, "The server is not running; the repository is made when it starts.");
}

static int create_project(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	const char *visibility = cli_option(cli, "visibility");
	AUTO_DB db = NULL;
	struct user owner;
	struct project project;
	struct project_at_path in = { .path = str_c(cli_argument(cli, 0)),
				      .description = str_c(cli_option(cli, "description")) };
	bool is_made;

	if (visibility && !visibility_from_name(str_c(visibility), &in.visibility))
		return err_set(e, ERR_INVALID, "--visibility is private, internal or public.");
	if (db_acquire(cli->app->db, &db, e) < 0 ||
	    user_get_by_name(db, str_c(cli_option(cli, "owner")), cli->arena, &owner, e) < 0)
		return -(int)e->code;
	in.owner = owner.id;
	if (project_create_at(db, &system, &in, cli->arena, &project, e) < 0 ||
	    make_repository(cli, db, &project, &is_made, e) < 0)
		return -(int)e->code;
	show(cli, &project, is_made);
	return 0;
}

static const struct command_option options[] = {
	{ "owner", "USER", "who owns the project, and the groups that are made for it",
	  OPTION_REQUIRED },
	{ "visibility", "V", "private (if it is not given), internal or public", 0 },
	{ "description", "TEXT", "what it is", 0 },
};

const struct command command_project_create = {
	.name = "project create",
	.arguments = "GROUP/NAME",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Makes a project, and the groups that are missing.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = create_project,
};
