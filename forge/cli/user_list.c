#include "cli/account.h"
#include "cli/commands.h"

#include "store/db.h"

static void show(struct cli *cli, const struct user *user)
{
	if (cli->json) {
		jsonw_object(&cli->to);
		account_write_user(&cli->to, user);
		jsonw_end(&cli->to);
		return;
	}
	cli_say(cli, "%-20.*s %-32.*s%s%s", STR_FMT(user->username), STR_FMT(user->email),
		user->is_admin ? " administrator" : "", user->is_blocked ? " blocked" : "");
}

/* All of them, a slice at a time. */
static int show_all(struct cli *cli, struct db *db, struct str search, struct err *e)
{
	const struct actor system = actor_system();
	struct listing slice = LISTING_FIRST;
	struct users users;

	do {
		struct arena_mark mark = arena_mark(cli->arena);

		if (user_list(db, &system, search, slice, cli->arena, &users, e) < 0)
			return -(int)e->code;
		for (size_t i = 0; i < users.count; i++)
			show(cli, users.items[i]);
		slice.offset += slice.limit;
		arena_reset(cli->arena, mark);
	} while (users.count == LISTING_MAX);
	return 0;
}

static int list_users(struct cli *cli, struct err *e)
{
	AUTO_DB db = NULL;
	int code;

	if (db_acquire(cli->app->db, &db, e) < 0)
		return -(int)e->code;
	if (cli->json)
		jsonw_array(&cli->to);
	code = show_all(cli, db, str_c(cli_option(cli, "search")), e);
	if (cli->json)
		jsonw_end(&cli->to);
	return code;
}

static const struct command_option options[] = {
	{ "search", "TEXT", "only those with this in name or address", 0 },
};

const struct command command_user_list = {
	.name = "user list",
	.summary = "Lists the accounts.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATABASE,
	.run = list_users,
};
