/*
 * SIGHUP: the program on disk takes over.
 *
 * The new program migrates the schema (and so proves that it runs, that its
 * settings are right and that the schema is not newer than it); only then the
 * supervisor executes it over itself. The process id, the lock, the listening sockets
 * and the two servers stay; the state travels in one environment variable:
 *
 *	HEARTH_UPGRADE=lock=5;http=6@127.0.0.1:8080;ssh=7@...;postgres=41;web=43;drain=30;...
 *
 * The new supervisor starts new roles; when they are ready the old ones get
 * SIGTERM and ten minutes. If they do not become ready, the old ones stay.
 */
#include "roles/supervisor_private.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#define UPGRADE_NAME "HEARTH_UPGRADE"

static const char *state_text(const struct supervisor *s, struct arena *a)
{
	const struct config *c = s->app->config;
	const char *text = arena_strf(a, "lock=%d;http=%d@%s;ssh=%d@%s", s->lock_fd, s->http_fd,
				      c->http_listen, s->ssh_fd, c->ssh_listen);

	for (enum part part = 0; part < PART_COUNT; part++) {
		if (s->process[part].pid > 0)
			text = arena_strf(a, "%s;%s=%d", text, part_name(part),
					  (int)s->process[part].pid);
	}
	for (size_t i = 0; i < s->draining_count; i++)
		text = arena_strf(a, "%s;drain=%d", text, (int)s->draining[i].pid);
	return text;
}

static void keep_over_exec(const struct supervisor *s, bool keep)
{
	const int fds[] = { s->lock_fd, s->http_fd, s->ssh_fd };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		(void)!fcntl(fds[i], F_SETFD, keep ? 0 : FD_CLOEXEC);
}

void upgrade(struct supervisor *s)
{
	static const char *const words[] = { "migrate", NULL };
	struct str said;
	struct err e;

	LOG(&s->app->log, LOG_INFO, "taking over by the program on disk",
	    F_C("program", s->program));
	if (supervisor_process_run_command(s, words, &said, &e) < 0) {
		LOG(&s->app->log, LOG_ERROR, "not taken over; the running program goes on",
		    F_ERR(&e));
		return;
	}
	if (setenv(UPGRADE_NAME, state_text(s, s->arena), 1) == 0) {
		keep_over_exec(s, true);
		execv(s->program, s->options->argv);
	}
	err_errno(&e, errno, "execute %s", s->program);
	keep_over_exec(s, false);
	unsetenv(UPGRADE_NAME);
	LOG(&s->app->log, LOG_ERROR, "not taken over; the running program goes on", F_ERR(&e));
}

/* "6@127.0.0.1:8080": the descriptor if the setting still says the same address. */
static int adopt_socket(struct str value, const char *address)
{
	struct str number;
	int64_t fd;

	if (!str_cut(&value, '@', &number) || !str_to_i64(number, &fd))
		return -1;
	if (str_eq_c(value, address))
		return (int)fd;
	close((int)fd);
	return -1;
}

static void adopt_pid(struct supervisor *s, struct str name, pid_t pid)
{
	if (str_eq(name, STR("drain")) && s->draining_count < DRAINING_MAX) {
		s->draining[s->draining_count++] =
			(struct draining){ pid, clock_monotonic_ms() + APP_DRAIN_SECONDS * 1000 };
		return;
	}
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (!str_eq_c(name, part_name(part)))
			continue;
		if (part_is_ours(part))
			s->old[part] = pid;
		else
			s->process[part] =
				(struct process){ PROCESS_READY, pid, clock_monotonic_ms(), 0, 0 };
	}
}

bool upgrade_adopt(struct supervisor *s)
{
	struct str rest = str_c(getenv(UPGRADE_NAME));
	const struct config *c = s->app->config;
	struct str pair;

	if (str_is_none(rest))
		return false;
	rest = arena_str(s->arena, rest);
	unsetenv(UPGRADE_NAME);
	while (str_cut(&rest, ';', &pair)) {
		struct str name;
		int64_t number = -1;

		(void)str_cut(&pair, '=', &name);
		(void)!str_to_i64(pair, &number);
		/* "ssh" is both a socket and a role; only the socket has an address. */
		if (str_eq(name, STR("lock")))
			s->lock_fd = (int)number;
		else if (str_eq(name, STR("http")))
			s->http_fd = adopt_socket(pair, c->http_listen);
		else if (str_has(pair, '@'))
			s->ssh_fd = adopt_socket(pair, c->ssh_listen);
		else if (number > 0)
			adopt_pid(s, name, (pid_t)number);
	}
	s->is_upgrade = true;
	keep_over_exec(s, false);
	return true;
}

void upgrade_retire_old(struct supervisor *s)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (s->old[part] <= 0)
			continue;
		kill(s->old[part], SIGTERM);
		if (s->draining_count < DRAINING_MAX)
			s->draining[s->draining_count++] =
				(struct draining){ s->old[part], clock_monotonic_ms() +
									 APP_DRAIN_SECONDS * 1000 };
		s->old[part] = 0;
	}
}

void upgrade_keep_old(struct supervisor *s)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		struct process *p = &s->process[part];

		if (!part_is_ours(part) || (part == PART_RUNNER && s->old[part] == 0))
			continue;
		if (p->pid > 0)
			kill(p->pid, SIGTERM);
		if (p->pid > 0 && s->draining_count < DRAINING_MAX)
			s->draining[s->draining_count++] =
				(struct draining){ p->pid, clock_monotonic_ms() + 10000 };
		*p = (struct process){ s->old[part] > 0 ? PROCESS_READY : PROCESS_WAITING,
				       s->old[part], clock_monotonic_ms(), clock_monotonic_ms(),
				       0 };
		s->old[part] = 0;
	}
}
