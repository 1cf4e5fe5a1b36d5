/*
 * `hearth up`. Its options are settings: they go into the environment before
 * the settings are read, so that the roles see them too. What a first start
 * was given is kept in hearth.conf: the next start finds it again.
 */
#include "cli/commands.h"

#include "base/fs.h"
#include "roles/supervisor.h"

#include <errno.h>

#define CONFIG_FILE_MAX (64 * 1024)

/* At the first start: the commented settings file. Secrets from the environment stay there. */
static int keep_settings(struct cli *cli, struct err *e)
{
	struct app *app = cli->app;
	struct config *config = ARENA_NEW(app->arena, struct config);
	struct config_report report;
	struct buf text;
	int result;

	if (fs_exists(app->config_path))
		return 0;
	if (config_load(app->arena, app->config_path, config, &report, e) < 0)
		return -(int)e->code;
	buf_init(&text, CONFIG_FILE_MAX);
	config_write(&report, &text);
	result = fs_write_atomic(app->config_path, buf_str(&text), 0600, e);
	buf_fini(&text);
	if (result == 0 && geteuid() == 0 &&
	    chown(app->config_path, app->owner->uid, app->owner->gid) < 0)
		result = err_errno(e, errno, "give %s to %s", app->config_path, app->owner->name);
	return result;
}

static int up(struct cli *cli, struct err *e)
{
	const struct supervisor_options options = {
		.on_first_start = cli_option(cli, "on-first-start"),
		.argv = cli->argv,
	};

	cli->app->role = "up";
	cli->app->log.role = "up";
	if (fs_exists(arena_strf(cli->arena, "%s/restoring", cli->app->data)))
		return err_set(e, ERR_PRECONDITION,
			       "A restore into %s began and did not end. Remove the folder and "
			       "restore again.",
			       cli->app->data);
	if (keep_settings(cli, e) < 0)
		return -(int)e->code;
	return supervisor_run(cli->app, &options, e);
}

static const struct command_option options[] = {
	{ "http", "ADDR:PORT", "where pages and git over HTTP are served (http_listen)", 0 },
	{ "ssh", "ADDR:PORT", "where git over SSH is served (ssh_listen)", 0 },
	{ "no-runner", NULL, "starts no runner on this host (local_runner)", 0 },
	{ "on-first-start", "PROGRAM",
	  "runs it once, when a new instance is ready (HEARTH_DATA, HEARTH_URL, HEARTH_PROGRAM)",
	  0 },
};

static const struct command_setting up_settings[] = {
	{ "http", "HEARTH_HTTP_LISTEN", NULL },
	{ "ssh", "HEARTH_SSH_LISTEN", NULL },
	{ "no-runner", "HEARTH_LOCAL_RUNNER", "no" },
	{ NULL, NULL, NULL },
};

const struct command command_up = {
	.name = "up",
	.summary = "Starts Hearth: database, all roles; \"ready\" when it is; Ctrl-C stops it.",
	.help = "The first start makes the data directory, its settings file and the first\n"
		"administrator, whose password it prints. As root everything runs as user hearth.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.settings = up_settings,
	.needs = COMMAND_NEEDS_ROOT,
	.makes_data = true,
	.run = up,
};
