/* `hearth user add`: an account, with a password or with a one-time link to set one. */
#include "cli/account.h"
#include "cli/commands.h"

#include "store/db.h"

static void show(struct cli *cli, const struct user *user, struct str link)
{
	struct jsonw *w = &cli->to;

	if (cli->json) {
		jsonw_object(w);
		account_write_user(w, user);
		jsonw_field_str(w, "set_password_url", link);
		jsonw_end(w);
	}
	cli_say(cli, "%.*s was added%s.", STR_FMT(user->username),
		user->is_admin ? " as administrator" : "");
	if (!str_is_none(link))
		cli_say(cli, "To set a password, open this link, once and within two days:\n%.*s",
			STR_FMT(link));
}

static int user_add(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct user_new in = {
		.username = str_c(cli_argument(cli, 0)),
		.name = str_c(cli_option(cli, "name")),
		.email = str_c(cli_option(cli, "email")),
		.is_admin = cli_flag(cli, "admin"),
	};
	struct user user;
	struct str link = STR_NONE;

	if (account_read_password(cli, &in.password, e) < 0 || db_acquire(cli->app->db, &db, e) < 0)
		return -(int)e->code;
	const struct user_door door = { db, cli->app->redis, cli->app->secret };
	if (user_create(&door, &system, &in, cli->arena, &user, e) < 0)
		return -(int)e->code;
	if (str_is_none(in.password) && account_make_link(cli, db, user.id, &link, e) < 0)
		return -(int)e->code;
	show(cli, &user, link);
	return 0;
}

static const struct command_option options[] = {
	{ "email", "E", "the person's address", OPTION_REQUIRED },
	{ "name", "TEXT", "the name as shown; the user name if it is not given", 0 },
	{ "admin", NULL, "may administrate this server", 0 },
	{ "password-file", "F",
	  "take the password from the first line of a file; - is standard input", 0 },
};

const struct command command_user_add = {
	.name = "user add",
	.arguments = "NAME",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Makes an account.",
	.help = "Without --password-file it prints a link with which the person sets a password.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = user_add,
};
