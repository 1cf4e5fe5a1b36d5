#include "cli/commands.h"

#include "base/clock.h"
#include "store/db.h"
#include "store/migrate.h"

#define WAIT_STEP_US 200000

/* A server elsewhere may come up later than we do. */
static int open_patiently(const struct db_pool_options *options, int64_t wait_ms,
			  struct db_pool **pool, struct err *e)
{
	int64_t until = clock_monotonic_ms() + wait_ms;

	while (db_pool_open(options, pool, e) < 0) {
		if (e->code != ERR_UNAVAILABLE || clock_monotonic_ms() >= until)
			return -(int)e->code;
		usleep(WAIT_STEP_US);
	}
	return 0;
}

static int migrate(struct cli *cli, struct err *e)
{
	struct db_pool_options options = { .conninfo = app_database(cli->app, cli->arena),
					   .size = 1,
					   .application_name = "hearth migrate",
					   .is_patient = true };
	const char *wait = cli_option(cli, "wait");
	struct migrate_result done;
	struct db_pool *pool = NULL;
	struct db *db = NULL;
	int64_t seconds = 0;
	int result;

	if (wait && (!str_to_i64(str_c(wait), &seconds) || seconds < 0 || seconds > 3600))
		return err_set(e, ERR_INVALID, "--wait wants seconds, 0 to 3600.");
	if (open_patiently(&options, seconds * 1000, &pool, e) < 0)
		return err_add(e, "The database cannot be reached");
	result = db_acquire(pool, &db, e);
	if (result == 0)
		result = migrate_run(db, &done, e);
	db_release(db);
	db_pool_close(pool);
	if (result < 0)
		return result;
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_int(&cli->to, "before", done.before);
		jsonw_field_int(&cli->to, "after", done.after);
		jsonw_field_int(&cli->to, "applied", done.applied);
		jsonw_end(&cli->to);
	}
	cli_say(cli, "The schema is at %d (%d new).", done.after, done.applied);
	return 0;
}

static const struct command_option options[] = {
	{ "wait", "SECONDS", "how long to wait for the database to come up", 0 },
};

const struct command command_migrate = {
	.name = "migrate",
	.summary = "Brings the database's schema to what this program needs.",
	.help = "`hearth up` does it by itself. Refuses a schema that is newer than the program.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_DATA,
	.makes_data = true, /* where roles are started one by one it comes first */
	.run = migrate,
};
