#include "app.h"

#include "roles/git_zygote.h"

static void tell_ready(void *app)
{
	app_ready(app);
}

static enum git_sandbox_mode sandbox_mode(const struct app *app)
{
	switch (app->config->git_sandbox) {
	case CONFIG_SANDBOX_REQUIRED:
		return GIT_SANDBOX_REQUIRED;
	case CONFIG_SANDBOX_OFF:
		return GIT_SANDBOX_OFF;
	default:
		return GIT_SANDBOX_AUTO;
	}
}

int role_git(struct app *app)
{
	struct git_zygote_options options = { .data = app->data,
					      .run = app->run,
					      .log = &app->log,
					      .sandbox = sandbox_mode(app),
					      .drain_ms = APP_DRAIN_SECONDS * 1000,
					      .ready = tell_ready,
					      .ready_closure = app };
	struct err e = { 0 };

	if (app_stop_fd(app, &options.stop_fd, &e) < 0 || git_zygote_run(&options, &e) < 0) {
		LOG(&app->log, LOG_ERROR, "git_zygote", F_ERR(&e));
		return 1;
	}
	return 0;
}
