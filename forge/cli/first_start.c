/*
 * `hearth first-start`, run by the supervisor when the roles serve: makes the
 * first administrator if there is no person yet, and prints the password.
 */
#include "cli/commands.h"

#include "base/random.h"
#include "domain/user.h"
#include "store/db.h"

#define FIRST_NAME "root"
#define PASSWORD_LENGTH 20

static int make_administrator(struct cli *cli, struct db *db, const struct actor *system,
			      struct err *e)
{
	const struct user_door door = { db, cli->app->redis, cli->app->secret };
	const char *host = getenv("HEARTH_FIRST_EMAIL");
	const struct user_new person = {
		.username = STR(FIRST_NAME),
		.name = STR("Administrator"),
		.email = host ? str_c(host) : STR(FIRST_NAME "@localhost.localdomain"),
		.is_admin = true,
		.password = random_token(cli->arena, PASSWORD_LENGTH),
	};
	struct user made;

	if (user_create(&door, system, &person, cli->arena, &made, e) < 0)
		return err_add(e, "make the first administrator");
	cli_say(cli, "\n  Sign in as %.*s with the password %.*s", STR_FMT(made.username),
		STR_FMT(person.password));
	cli_say(cli,
		"  It is shown only now; change it in your profile, or later with\n"
		"  `hearth user passwd %.*s`.",
		STR_FMT(made.username));
	return 0;
}

static int first_start(struct cli *cli, struct err *e)
{
	struct actor system = actor_system();
	int64_t people;
	AUTO_DB db = NULL;

	if (db_acquire(cli->app->db, &db, e) < 0 || user_count(db, cli->arena, &people, e) < 0)
		return -(int)e->code;
	return people > 0 ? 0 : make_administrator(cli, db, &system, e);
}

const struct command command_first_start = {
	.name = "first-start",
	.summary = "Makes the first administrator if there is nobody yet.",
	.needs = COMMAND_NEEDS_DATABASE,
	.is_hidden = true,
	.run = first_start,
};
