/*
 * `hearth restore FILE`: makes an instance from a backup, in a data directory
 * that is empty. Files first, then the settings that came with them decide
 * where the database goes; an interrupted restore leaves the marker
 * `restoring`, with which `hearth up` does not start.
 */
#include "cli/commands.h"

#include "archive/bundle.h"
#include "base/fs.h"
#include "base/spawn.h"
#include "data_folder.h"
#include "roles/postgres.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define START_WAIT_MS 60000
#define STEP_US 20000
#define MARKER "restoring"

/* A data directory counts as empty if nothing was ever kept in it. */
static int check_empty(const struct app *app, struct arena *a, struct err *e)
{
	static const char *const marks[] = { "postgres", "hearth.conf", "keys/kek-1",
					     "database.dump", MARKER };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		if (fs_exists(arena_strf(a, "%s/%s", app->data, marks[i])))
			return err_set(
				e, ERR_CONFLICT,
				"%s is not empty: it has %s. A backup is restored only into an "
				"empty data directory; choose another with --data.",
				app->data, marks[i]);
	}
	return 0;
}

static int extract(struct cli *cli, int fd, struct bundle_counts *counts, struct err *e)
{
	static struct str const names[] = {
		{ "backup.json", 11 },  { "database.dump", 13 }, { "hearth.conf", 11 },
		{ "repositories", 12 }, { "traces", 6 },         { "blobs", 5 },
		{ "keys", 4 },
	};
	const struct str_list allowed = { (struct str *)(uintptr_t)names, ARRAY_LEN(names) };
	const char *data = cli->app->data;
	const char *marker = arena_strf(cli->arena, "%s/" MARKER, data);

	if (fs_write_atomic(marker, STR("A restore began and did not end.\n"), 0600, e) < 0 ||
	    bundle_extract(fd, data, &allowed, counts, e) < 0)
		return -(int)e->code;
	if (!fs_exists(arena_strf(cli->arena, "%s/backup.json", data)) ||
	    !fs_exists(arena_strf(cli->arena, "%s/database.dump", data)))
		return err_set(e, ERR_INVALID, "This is no backup of Hearth, or not a whole one.");
	return 0;
}

static int load_database(struct cli *cli, struct app *app, struct err *e)
{
	const char *dump = arena_strf(cli->arena, "%s/database.dump", app->data);
	const char *const argv[] = {
		arena_strf(cli->arena, "%s/pg_restore", app->config->postgres_bin),
		"--no-owner",
		"--no-privileges",
		"--exit-on-error",
		"--single-transaction",
		"--dbname",
		app_database(app, cli->arena),
		dump,
		NULL,
	};
	const struct spawn s = { .argv = argv };
	struct str said;

	if (spawn_run(&s, "pg_restore", STR(""), cli->arena, &said, e) < 0) {
		if (str_find_str(said, STR("already exists")) < said.n)
			return err_set(e, ERR_CONFLICT,
				       "The database is not empty. A backup is restored only into "
				       "an empty "
				       "one; set another database_url (HEARTH_DATABASE_URL).");
		return -(int)e->code;
	}
	return 0;
}

static int start_postgres(struct app *app, struct arena *a, pid_t *pid, struct err *e)
{
	AUTO_FD log = open(arena_strf(a, "%s/log/postgresql.log", app->data),
			   O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct spawn s;

	if (postgres_prepare(app, e) < 0)
		return -(int)e->code;
	s = postgres_spawn(app, a, log);
	if (spawn_start(&s, pid, e) < 0)
		return -(int)e->code;
	for (int waited = 0; !postgres_is_ready(app, *pid); waited += STEP_US / 1000) {
		if (waitpid(*pid, NULL, WNOHANG) == *pid)
			return err_set(e, ERR_UNAVAILABLE,
				       "The private postgres did not start: %.*s",
				       STR_FMT(postgres_last_words(app, a)));
		if (waited > START_WAIT_MS)
			return err_set(e, ERR_TIMEOUT,
				       "The private postgres takes too long to start.");
		usleep(STEP_US);
	}
	return 0;
}

static int fill_database(struct cli *cli, struct app *app, struct err *e)
{
	pid_t pid = 0;
	int result;

	if (*app->config->database_url)
		return load_database(cli, app, e);
	if (start_postgres(app, cli->arena, &pid, e) < 0)
		return -(int)e->code;
	result = load_database(cli, app, e);
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);
	return result;
}

/* The settings that came with the backup hold from here. */
static int fill(struct cli *cli, int fd, struct err *e)
{
	struct app_options options = { .role = "cli", .data = cli->app->data, .may_create = true };
	struct bundle_counts counts;
	struct app *app = NULL;
	const char *data = cli->app->data;
	int result;

	if (extract(cli, fd, &counts, e) < 0 || app_open(&options, &app, e) < 0)
		return -(int)e->code;
	result = fill_database(cli, app, e);
	app_close(app);
	if (result < 0)
		return result;
	(void)!unlink(arena_strf(cli->arena, "%s/database.dump", data));
	(void)!unlink(arena_strf(cli->arena, "%s/backup.json", data));
	if (unlink(arena_strf(cli->arena, "%s/" MARKER, data)) < 0)
		return err_errno(e, errno, "end the restore");
	if (cli->json) {
		jsonw_object(&cli->to);
		jsonw_field_str(&cli->to, "data", str_c(data));
		jsonw_field_int(&cli->to, "files", (int64_t)counts.files);
		jsonw_end(&cli->to);
	}
	cli_say(cli,
		"%s holds the backup's instance (%llu files). Start it with `hearth up --data %s`.",
		data, (unsigned long long)counts.files, data);
	return 0;
}

static int restore(struct cli *cli, struct err *e)
{
	const char *path = cli_argument(cli, 0);
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO_FD lock = -1;
	struct data_folder folder = { .path = cli->app->data, .owner = *cli->app->owner };
	bool was_unclean;

	if (fd < 0)
		return err_errno(e, errno, "read %s", path);
	if (check_empty(cli->app, cli->arena, e) < 0 ||
	    data_lock(cli->arena, &folder, &lock, &was_unclean, e) < 0 ||
	    privilege_drop(cli->app->owner, e) < 0)
		return -(int)e->code;
	if (fill(cli, fd, e) < 0)
		return err_add(e, "%s", path);
	if (ftruncate(lock, 0) < 0)
		return err_errno(e, errno, "end the restore");
	return 0;
}

const struct command command_restore = {
	.name = "restore",
	.arguments = "FILE",
	.argument_min = 1,
	.argument_max = 1,
	.summary = "Makes an instance from a backup, in an empty data directory.",
	.help = "The database goes where the backup's settings say: into a private PostgreSQL, or\n"
		"to database_url, which must then be empty (HEARTH_DATABASE_URL chooses another).",
	.needs = COMMAND_NEEDS_ROOT,
	.makes_data = true,
	.run = restore,
};
