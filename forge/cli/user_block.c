/* `hearth user block` and `hearth user unblock`. */
#include "cli/account.h"
#include "cli/commands.h"

#include "store/db.h"

static int set_blocked(struct cli *cli, bool is_blocked, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct user user;
	int code;

	if (db_acquire(cli->app->db, &db, e) < 0 ||
	    user_get_by_name(db, str_c(cli_argument(cli, 0)), cli->arena, &user, e) < 0)
		return -(int)e->code;
	code = is_blocked ? user_block(db, &system, user.id, e)
			  : user_unblock(db, &system, user.id, e);
	if (code < 0)
		return code;
	user.is_blocked = is_blocked;
	if (cli->json) {
		jsonw_object(&cli->to);
		account_write_user(&cli->to, &user);
		jsonw_end(&cli->to);
	}
	cli_say(cli, "%.*s is %s now.", STR_FMT(user.username),
		is_blocked ? "blocked: no session, key or token of the account works"
			   : "active again; keys and tokens work, a new sign-in is needed");
	return 0;
}

static int block(struct cli *cli, struct err *e)
{
	return set_blocked(cli, true, e);
}

static int unblock(struct cli *cli, struct err *e)
{
	return set_blocked(cli, false, e);
}

const struct command command_user_block = {
	.name = "user block",
	.arguments = "NAME",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Blocks an account at once, with all its sessions, keys and tokens.",
	.needs = COMMAND_NEEDS_DATABASE,
	.run = block,
};

const struct command command_user_unblock = {
	.name = "user unblock",
	.arguments = "NAME",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Lets a blocked account in again.",
	.needs = COMMAND_NEEDS_DATABASE,
	.run = unblock,
};
