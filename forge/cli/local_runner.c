/*
 * `hearth local-runner`, run by the supervisor before it starts hearth-runner:
 * a new token for the runner of this host, which is made if there is none.
 */
#include "cli/commands.h"

#include "domain/runner.h"
#include "store/db.h"

static int renew(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct runner_id id;
	struct str token;

	if (db_acquire(cli->app->db, &db, e) < 0 ||
	    runner_renew_local(db, &system, cli->arena, &id, &token, e) < 0)
		return -(int)e->code;
	cli_say(cli, "%.*s", STR_FMT(token));
	return 0;
}

const struct command command_local_runner = {
	.name = "local-runner",
	.summary = "Gives the runner of this host a new token and prints it.",
	.needs = COMMAND_NEEDS_DATABASE,
	.is_hidden = true,
	.run = renew,
};
