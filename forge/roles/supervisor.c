/*
 * The order of the start, and the loop that waits for signals. Whatever fails
 * before "ready" ends the start with a sentence and everything that was started stops
 * again; afterwards nothing ends the supervisor but a signal.
 */
#include "roles/supervisor_private.h"

#include "base/clock.h"
#include "base/fs.h"
#include "data_folder.h"
#include "listen.h"
#include "roles/postgres.h"
#include "roles/redis_server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define SERVER_START_MS 60000
#define ROLES_START_MS 60000
#define STEP_US 10000
#define UNCLEAN_WAIT_MS 15000

static int take_signals(struct supervisor *s, struct err *e)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sigaddset(&set, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_errno(e, errno, "block signals");
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signal_fd < 0 ? err_errno(e, errno, "signalfd") : 0;
}

static int find_program(struct supervisor *s, struct err *e)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	struct str name;

	if (n < 0)
		return err_errno(e, errno, "find this program");
	name = str_n(path, (size_t)n);
	if (str_ends(name, STR(" (deleted)")))
		name = str_upto(name, name.n - strlen(" (deleted)"));
	s->program = arena_cstr(s->arena, name);
	return 0;
}

/*
 * After a supervisor that was killed, its roles may need a moment to see that
 * and to give the port back; otherwise a taken port is said at once.
 */
static int bind_patiently(struct supervisor *s, const char *address, const char *option, int *fd,
			  struct err *e)
{
	int64_t until = clock_monotonic_ms() + (s->was_unclean ? UNCLEAN_WAIT_MS : 0);

	while (listen_bind(s->arena, address, option, fd, e) < 0) {
		if (e->code != ERR_CONFLICT || clock_monotonic_ms() >= until)
			return -(int)e->code;
		usleep(STEP_US);
	}
	return 0;
}

static int open_sockets(struct supervisor *s, struct err *e)
{
	const struct config *c = s->app->config;

	if (!s->is_upgrade) {
		s->http_fd = listen_inherited("http");
		s->ssh_fd = listen_inherited("ssh");
	}
	if (s->http_fd < 0 && bind_patiently(s, c->http_listen, "--http", &s->http_fd, e) < 0)
		return -(int)e->code;
	if (s->ssh_fd < 0 && bind_patiently(s, c->ssh_listen, "--ssh", &s->ssh_fd, e) < 0)
		return -(int)e->code;
	return 0;
}

/* It is asked once: who reads the signal has to remember it. */
static bool stop_was_asked(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			s->is_stopping = true;
	}
	return s->is_stopping;
}

/* Starts it and waits until is_ready; a server that ends meanwhile is tried again for a while. */
static int start_server(struct supervisor *s, enum part part, struct err *e)
{
	struct process *p = &s->process[part];
	int64_t until = clock_monotonic_ms() + SERVER_START_MS;
	int64_t retry_until = clock_monotonic_ms() + (s->was_unclean ? UNCLEAN_WAIT_MS : 0);

	if (supervisor_process_start(s, part, e) < 0)
		return -(int)e->code;
	for (;;) {
		bool ready = part == PART_POSTGRES ? postgres_is_ready(s->app, p->pid)
						   : redis_server_is_ready(s->app);

		supervisor_process_reap(s);
		if (p->state == PROCESS_STARTING && ready) {
			p->state = PROCESS_READY;
			return 0;
		}
		if (stop_was_asked(s))
			return err_set(e, ERR_CONFLICT, "Stopped before it was ready.");
		if (p->state == PROCESS_WAITING && clock_monotonic_ms() >= retry_until)
			return err_set(e, ERR_UNAVAILABLE,
				       "The private %s did not start: %.*s See %s/log.",
				       part_name(part),
				       STR_FMT(part == PART_POSTGRES
						       ? postgres_last_words(s->app, s->arena)
						       : STR("")),
				       s->app->data);
		if (clock_monotonic_ms() >= until)
			return err_set(e, ERR_TIMEOUT,
				       "The private %s took longer than %d s to start.",
				       part_name(part), SERVER_START_MS / 1000);
		supervisor_process_restart_due(s);
		usleep(STEP_US);
	}
}

static int migrate(struct supervisor *s, struct err *e)
{
	static const char *const words[] = { "migrate", NULL };
	struct str said;

	return supervisor_process_run_command(s, words, &said, e);
}

static bool roles_are_ready(const struct supervisor *s)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (part_is_role(part) && s->process[part].state != PROCESS_READY)
			return false;
	}
	return true;
}

/* One role after the other is started; the wait is for all together. */
static int start_roles(struct supervisor *s, struct err *e)
{
	int64_t until = clock_monotonic_ms() + ROLES_START_MS;

	for (enum part part = 0; part < PART_COUNT; part++) {
		if (part_is_role(part) && supervisor_process_start(s, part, e) < 0)
			return -(int)e->code;
	}
	while (!roles_are_ready(s)) {
		notify_read(s);
		supervisor_process_reap(s);
		for (enum part part = 0; part < PART_COUNT; part++) {
			if (part_is_role(part) && s->process[part].state == PROCESS_WAITING)
				return err_set(e, ERR_UNAVAILABLE,
					       "The role %s ended while it started; its last lines "
					       "above say why.",
					       part_name(part));
		}
		if (stop_was_asked(s))
			return err_set(e, ERR_CONFLICT, "Stopped before it was ready.");
		if (clock_monotonic_ms() > until)
			return err_set(e, ERR_TIMEOUT, "The roles were not ready after %d s.",
				       ROLES_START_MS / 1000);
		usleep(STEP_US);
	}
	return 0;
}

static int start_all(struct supervisor *s, struct err *e)
{
	const struct config *c = s->app->config;

	if (!*c->database_url && s->process[PART_POSTGRES].pid == 0 &&
	    start_server(s, PART_POSTGRES, e) < 0)
		return -(int)e->code;
	if (!*c->redis_url && s->process[PART_REDIS].pid == 0 && start_server(s, PART_REDIS, e) < 0)
		return -(int)e->code;
	if (migrate(s, e) < 0)
		return -(int)e->code;
	if (start_roles(s, e) == 0) {
		upgrade_retire_old(s);
		return 0;
	}
	if (!s->is_upgrade)
		return -(int)e->code;
	if (!s->is_stopping)
		LOG(&s->app->log, LOG_ERROR, "the new roles do not start; the old ones go on",
		    F_ERR(e));
	upgrade_keep_old(s);
	return 0;
}

/* Signals */

static bool act_on_signals(struct supervisor *s)
{
	struct signalfd_siginfo info;

	while (read(s->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT)
			return false;
		if (info.ssi_signo == SIGHUP)
			upgrade(s);
	}
	return true;
}

static void serve(struct supervisor *s)
{
	bool stay = !s->is_stopping;

	while (stay) {
		struct pollfd p[2] = { { s->signal_fd, POLLIN, 0 }, { s->notify_fd, POLLIN, 0 } };
		int64_t next = supervisor_process_restart_due(s);

		if (s->draining_count > 0 && (next < 0 || next > 1000))
			next = 1000;
		(void)!poll(p, 2, (int)next);
		supervisor_process_reap(s);
		notify_read(s);
		supervisor_process_end_draining(s, false);
		stay = act_on_signals(s);
	}
	notify_send("STOPPING=1");
}

static int begin(struct supervisor *s, struct err *e)
{
	if (find_program(s, e) < 0 || take_signals(s, e) < 0)
		return -(int)e->code;
	if (!upgrade_adopt(s)) {
		struct data_folder folder = { .path = s->app->data, .owner = *s->app->owner };

		if (data_lock(s->arena, &folder, &s->lock_fd, &s->was_unclean, e) < 0)
			return -(int)e->code;
	}
	if (open_sockets(s, e) < 0)
		return -(int)e->code;
	return notify_open(s, e);
}

/* An empty lock file says: the last one stopped in order. */
static void end(struct supervisor *s)
{
	supervisor_process_stop_all(s);
	if (s->lock_fd >= 0)
		runner_end(s);
	if (s->notify_path)
		(void)!unlink(s->notify_path);
	if (s->lock_fd >= 0)
		(void)!ftruncate(s->lock_fd, 0);
	fs_close(&s->http_fd);
	fs_close(&s->ssh_fd);
	fs_close(&s->signal_fd);
	fs_close(&s->notify_fd);
	fs_close(&s->lock_fd);
	arena_close(s->arena);
}

int supervisor_run(struct app *app, const struct supervisor_options *options, struct err *e)
{
	struct supervisor s = { .app = app,
				.options = options,
				.arena = arena_open(0),
				.lock_fd = -1,
				.http_fd = -1,
				.ssh_fd = -1,
				.signal_fd = -1,
				.notify_fd = -1 };
	int result = begin(&s, e);

	if (result == 0)
		result = start_all(&s, e);
	if (result == 0 && !s.is_stopping) {
		s.runner_note = runner_begin(&s);
		result = say_ready(&s, e);
	}
	if (result == 0)
		serve(&s);
	end(&s);
	return result;
}
