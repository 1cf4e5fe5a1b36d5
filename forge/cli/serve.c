/*
 * `hearth serve --role X`: one role in this process. The supervisor starts
 * roles this way; systemd and containers may too.
 */
#include "cli/commands.h"

#include "roles/roles.h"

static const struct role {
	const char *name;
	int (*run)(struct app *app);
	bool keeps_root; /* gives it up itself, when it has done what needs it */
} roles[] = {
#define ROLE_ROW(NAME, name, rank, socket, keeps_root) { #name, role_##name, keeps_root },
	ROLES(ROLE_ROW){ NULL, NULL, false },
};

static const struct role *find_role(const char *name)
{
	for (size_t i = 0; roles[i].name; i++) {
		if (strcmp(roles[i].name, name) == 0)
			return &roles[i];
	}
	return NULL;
}

/* Who started this role; the variable is not for those it starts itself. */
static int64_t find_supervisor(void)
{
	const char *text = getenv("HEARTH_SUPERVISOR");
	int64_t pid = 0;

	if (text && !str_to_i64(str_c(text), &pid))
		pid = 0;
	unsetenv("HEARTH_SUPERVISOR");
	return pid;
}

static int serve(struct cli *cli, struct err *e)
{
	const char *name = cli_option(cli, "role");
	const struct role *role = find_role(name);
	int status;

	if (!role)
		return err_set(e, ERR_INVALID,
			       "There is no role %s; there are web, ssh, git, work.", name);
	cli->app->role = role->name;
	cli->app->log.role = role->name;
	cli->app->supervisor = find_supervisor();
	if (!role->keeps_root && privilege_drop(cli->app->owner, e) < 0)
		return -(int)e->code;
	if (!role->keeps_root && app_connect(cli->app, e) < 0)
		return -(int)e->code;
	status = role->run(cli->app);
	LOG(&cli->app->log, status == 0 ? LOG_INFO : LOG_ERROR, "ended", F_INT("status", status));
	return status;
}

static const struct command_option options[] = {
	{ "role", "ROLE", "web, ssh, git or work", OPTION_REQUIRED },
};

const struct command command_serve = {
	.name = "serve",
	.summary = "Runs one role until it is told to stop.",
	.help = "`hearth up` starts all of them. A role listens on the sockets it inherits\n"
		"(LISTEN_FDS) or on the addresses of the settings.",
	.options = options,
	.option_count = ARRAY_LEN(options),
	.needs = COMMAND_NEEDS_ROOT,
	.makes_data = true,
	.run = serve,
};
