/* `hearth token revoke`: by number, or by the token itself, as after a leak. */
#include "cli/account.h"
#include "cli/commands.h"

#include "domain/token.h"
#include "store/db.h"

static int find_id(struct cli *cli, struct db *db, struct token_id *id, struct err *e)
{
	const char *text = cli_argument(cli, 0);
	struct actor actor;
	bool found;

	if (str_to_i64(str_c(text), &id->v) && id->v > 0)
		return 0;
	if (token_find(db, str_c(text), STR_NONE, cli->arena, &actor, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND,
			       "There is no such token, or it was revoked or has expired already.");
	*id = actor.token;
	return 0;
}

static int revoke_token(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct token_id id;

	if (db_acquire(cli->app->db, &db, e) < 0 || find_id(cli, db, &id, e) < 0 ||
	    token_revoke(db, &system, id, e) < 0)
		return -(int)e->code;
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_int(&cli->to, "id", id.v);
		jsonw_field_bool(&cli->to, "revoked", true);
		jsonw_end(&cli->to);
	}
	cli_say(cli, "Token %lld does not work any more.", (long long)id.v);
	return 0;
}

const struct command command_token_revoke = {
	.name = "token revoke",
	.arguments = "TOKEN|NUMBER",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Ends a token at once.",
	.needs = COMMAND_NEEDS_DATABASE,
	.run = revoke_token,
};
