/*
 * What the person at the terminal reads: where to go, and the first
 * administrator's password, once. The log goes to standard error; this goes
 * to standard output.
 */
#include "roles/supervisor_private.h"

#include "base/buf.h"
#include "base/fs.h"
#include "listen.h"

#define SCREEN_MAX 8192

static void add_places(const struct supervisor *s, struct buf *out)
{
	const struct config *c = s->app->config;

	buf_addf(out, "\nHearth is ready: %s\n\n", c->external_url);
	buf_addf(out, "  git over HTTP  %s/GROUP/PROJECT.git\n", c->external_url);
	buf_addf(out, "  git over SSH   ssh://git@%s/GROUP/PROJECT.git\n", c->ssh_external);
	buf_addf(out, "  data           %s\n", s->app->data);
	buf_addf(out, "  settings       %s\n", s->app->config_path);
	buf_addf(out, "  runner         %s\n", s->runner_note);
}

/* On its own from here: whatever it does, the supervisor goes on. */
static void run_on_first_start(struct supervisor *s)
{
	const char *const argv[] = { s->options->on_first_start, NULL };
	const struct spawn spawn = {
		.argv = argv, .in = -1, .out = STDOUT_FILENO, .err = STDERR_FILENO
	};
	struct err e;
	pid_t pid;

	if (setenv("HEARTH_DATA", s->app->data, 1) < 0 ||
	    setenv("HEARTH_URL", s->app->config->external_url, 1) < 0 ||
	    setenv("HEARTH_PROGRAM", s->program, 1) < 0)
		return;
	if (spawn_start(&spawn, &pid, &e) < 0)
		LOG(&s->app->log, LOG_ERROR, "on-first-start", F_ERR(&e));
	unsetenv("HEARTH_URL");
	unsetenv("HEARTH_PROGRAM");
}

int say_ready(struct supervisor *s, struct err *e)
{
	static const char *const words[] = { "first-start", NULL };
	struct str first;
	struct buf out;
	int result;

	if (supervisor_process_run_command(s, words, &first, e) < 0)
		return -(int)e->code;
	buf_init(&out, SCREEN_MAX);
	add_places(s, &out);
	buf_add(&out, first);
	buf_add_c(&out, "\nCtrl-C stops it.\n\n");
	result = fs_write_all(STDOUT_FILENO, buf_str(&out), e);
	buf_fini(&out);
	if (result == 0)
		notify_send("READY=1");
	if (result == 0 && first.n > 0 && s->options->on_first_start)
		run_on_first_start(s);
	return result;
}
