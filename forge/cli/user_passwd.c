/* `hearth user passwd`: sets a password, or makes a one-time link for it. */
#include "cli/account.h"
#include "cli/commands.h"

#include "store/db.h"

static void show(struct cli *cli, const struct user *user, struct str link)
{
	if (cli->json) {
		jsonw_object(&cli->to);
		account_write_user(&cli->to, user);
		jsonw_field_str(&cli->to, "set_password_url", link);
		jsonw_end(&cli->to);
	}
	if (str_is_none(link))
		cli_say(cli, "%.*s has a new password; all sessions have ended.",
			STR_FMT(user->username));
	else
		cli_say(cli, "To set a password, open this link, once and within two days:\n%.*s",
			STR_FMT(link));
}

static int passwd(struct cli *cli, struct err *e)
{
	const struct actor system = actor_system();
	AUTO_DB db = NULL;
	struct user user;
	struct str password;
	struct str link = STR_NONE;
	int code;

	if (account_read_password(cli, &password, e) < 0 || db_acquire(cli->app->db, &db, e) < 0 ||
	    user_get_by_name(db, str_c(cli_argument(cli, 0)), cli->arena, &user, e) < 0)
		return -(int)e->code;
	const struct user_door door = { db, cli->app->redis, cli->app->secret };
	code = str_is_none(password) ? account_make_link(cli, db, user.id, &link, e)
				     : user_set_password(&door, &system, user.id, password, e);
	if (code == 0)
		show(cli, &user, link);
	return code;
}

static const struct command_option options[] = {
	{ "password-file", "F",
	  "take the password from the first line of a file; - is standard input", 0 },
};

const struct command command_user_passwd = {
	.name = "user passwd",
	.arguments = "NAME",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Sets a password; without --password-file, prints a link to set one.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = passwd,
};
