/* `hearth runner revoke`: by number, or by the token itself, as after a leak. */
#include "cli/commands.h"

#include "domain/runner.h"
#include "store/db.h"

static int find_id(struct cli *cli, struct db *db, struct runner_id *id, struct err *e)
{
	struct str text = str_c(cli_argument(cli, 0));
	struct runner runner;
	bool found;

	if (str_to_i64(text, &id->v) && id->v > 0)
		return 0;
	if (runner_find(db, text, cli->arena, &runner, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "There is no runner with this token.");
	*id = runner.id;
	return 0;
}

static int revoke_runner(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct runner_id id;

	if (db_acquire(cli->app->db, &db, e) < 0 || find_id(cli, db, &id, e) < 0 ||
	    runner_remove(db, &system, id, e) < 0)
		return -(int)e->code;
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_int(&cli->to, "id", id.v);
		jsonw_field_bool(&cli->to, "revoked", true);
		jsonw_end(&cli->to);
	}
	cli_say(cli, "Runner %lld gets no more jobs; what it runs now goes to its end.",
		(long long)id.v);
	return 0;
}

const struct command command_runner_revoke = {
	.name = "runner revoke",
	.arguments = "TOKEN|NUMBER",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Removes a runner; its token ends at once.",
	.needs = COMMAND_NEEDS_DATABASE,
	.run = revoke_runner,
};
