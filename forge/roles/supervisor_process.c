#include "roles/supervisor_private.h"

#include "base/clock.h"
#include "base/fs.h"
#include "roles/postgres.h"
#include "roles/redis_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

/* How long a stop waits for each rank before it kills. */
#define STOP_WAIT_MS 30000
#define RUNNER_DRAIN_MS 500
#define STOP_STEP_US 10000
#define LOG_ROTATE_BYTES (10 << 20)

static const struct {
	const char *name;
	int stop_rank;
	const char *socket;
} parts[] = {
	[PART_POSTGRES] = { "postgres", 5, NULL },
	[PART_REDIS] = { "redis", 4, NULL },
#define PART_ROW(NAME, name, rank, socket, keeps_root) [PART_##NAME] = { #name, rank, socket },
	ROLES(PART_ROW)[PART_RUNNER] = { "runner", 0, NULL },
	[PART_COUNT] = { 0 },
};

const char *part_name(enum part part)
{
	return parts[part].name;
}

int part_stop_rank(enum part part)
{
	return parts[part].stop_rank;
}

const char *part_socket(enum part part)
{
	return parts[part].socket;
}

bool part_is_role(enum part part)
{
	return part_is_ours(part) && part != PART_RUNNER;
}

bool part_is_ours(enum part part)
{
	return part != PART_POSTGRES && part != PART_REDIS;
}

/* PostgreSQL's and Redis's own messages; one older file is kept. */
static int open_server_log(const struct supervisor *s, struct arena *a, const char *name)
{
	const char *path = arena_strf(a, "%s/log/%s.log", s->app->data, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) > LOG_ROTATE_BYTES) {
		(void)!rename(path, arena_strf(a, "%s.1", path));
		close(fd);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (fd >= 0 && geteuid() == 0)
		(void)!fchown(fd, s->app->owner->uid, s->app->owner->gid);
	return fd;
}

static bool is_passed_on(const char *entry)
{
	static const char *const prefixes[] = { "HEARTH_", "ASAN_", "UBSAN_", "TSAN_", "LSAN_" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (str_starts(str_c(entry), str_c(prefixes[i])))
			return true;
	}
	return false;
}

/* Roles see nothing of the caller's environment but Hearth's own names. */
static const char **role_environment(const struct supervisor *s, struct arena *a,
				     const char *socket_name)
{
	size_t count = 0;
	const char **all;

	while (environ[count])
		count++;
	all = ARENA_ARRAY(a, const char *, count + 10);
	count = 0;
	for (size_t i = 0; environ[i]; i++) {
		if (is_passed_on(environ[i]))
			all[count++] = environ[i];
	}
	all[count++] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	all[count++] = "LANG=C.UTF-8";
	all[count++] = "TZ=UTC";
	all[count++] = arena_strf(a, "HOME=%s/tmp", s->app->data);
	all[count++] = arena_strf(a, "HEARTH_SUPERVISOR=%d", (int)getpid());
	all[count++] = arena_strf(a, "NOTIFY_SOCKET=%s", s->notify_path);
	if (socket_name) {
		all[count++] = "LISTEN_PID=";
		all[count++] = "LISTEN_FDS=1";
		all[count++] = arena_strf(a, "LISTEN_FDNAMES=%s", socket_name);
	}
	return all;
}

static struct spawn role_spawn(struct supervisor *s, struct arena *a, enum part part)
{
	const char **argv = ARENA_ARRAY(a, const char *, 8);
	const char *socket = part_socket(part);

	argv[0] = "hearth";
	argv[1] = "serve";
	argv[2] = "--role";
	argv[3] = part_name(part);
	argv[4] = "--data";
	argv[5] = s->app->data;
	return (struct spawn){
		.program = "/proc/self/exe",
		.argv = argv,
		.environment = role_environment(s, a, socket),
		.in = -1,
		.out = STDOUT_FILENO,
		.err = STDERR_FILENO,
		.keep = socket && strcmp(socket, "http") == 0 ? &s->http_fd : &s->ssh_fd,
		.keep_count = socket ? 1 : 0,
		.is_own_group = true,
	};
}

int supervisor_process_start(struct supervisor *s, enum part part, struct err *e)
{
	struct process *p = &s->process[part];
	struct arena *a = arena_open(0);
	AUTO_FD log_fd = -1;
	struct spawn spawn = { 0 };
	int result = 0;

	if (part == PART_POSTGRES) {
		log_fd = open_server_log(s, a, "postgresql");
		result = postgres_prepare(s->app, e);
		spawn = postgres_spawn(s->app, a, log_fd);
	} else if (part == PART_REDIS) {
		log_fd = open_server_log(s, a, "redis");
		result = redis_server_prepare(s->app, e);
		spawn = redis_server_spawn(s->app, a, log_fd);
	} else if (part == PART_RUNNER) {
		result = runner_start(s, &p->pid, e);
	} else {
		spawn = role_spawn(s, a, part);
	}
	if (result == 0 && part != PART_RUNNER)
		result = spawn_start(&spawn, &p->pid, e);
	if (result == 0) {
		p->state = part == PART_RUNNER ? PROCESS_READY : PROCESS_STARTING;
		p->since_ms = clock_monotonic_ms();
	}
	arena_close(a);
	return result;
}

static void plan_restart(struct supervisor *s, enum part part, int status)
{
	struct process *p = &s->process[part];
	int64_t now = clock_monotonic_ms();
	int64_t ran = now - p->since_ms;

	p->delay_ms = ran > STEADY_MS    ? DELAY_FIRST_MS
		      : p->delay_ms == 0 ? DELAY_FIRST_MS
					 : p->delay_ms * 2;
	if (p->delay_ms > DELAY_MAX_MS)
		p->delay_ms = DELAY_MAX_MS;
	p->state = PROCESS_WAITING;
	p->retry_ms = now + p->delay_ms;
	LOG(&s->app->log, LOG_ERROR, "a process ended; it is started again",
	    F_C("process", part_name(part)), F_INT("pid", p->pid),
	    F_INT("status", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
	    F_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0), F_INT("ran_ms", ran),
	    F_INT("delay_ms", p->delay_ms));
	p->pid = 0;
}

static void forget_draining(struct supervisor *s, pid_t pid)
{
	for (size_t i = 0; i < s->draining_count; i++) {
		if (s->draining[i].pid != pid)
			continue;
		s->draining[i] = s->draining[--s->draining_count];
		LOG(&s->app->log, LOG_INFO, "an old process finished", F_INT("pid", pid));
		return;
	}
}

void supervisor_process_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		forget_draining(s, pid);
		for (enum part part = 0; part < PART_COUNT; part++) {
			struct process *p = &s->process[part];

			/* Died before the new one was ready: nobody to retire, or to go on. */
			if (s->old[part] == pid)
				s->old[part] = 0;
			if (p->pid != pid)
				continue;
			if (p->state == PROCESS_STOPPING) {
				p->state = PROCESS_STOPPED;
				p->pid = 0;
			} else {
				plan_restart(s, part, status);
			}
		}
	}
}

int64_t supervisor_process_restart_due(struct supervisor *s)
{
	int64_t now = clock_monotonic_ms();
	int64_t next = -1;

	for (enum part part = 0; part < PART_COUNT; part++) {
		struct process *p = &s->process[part];
		struct err e;

		if (p->state != PROCESS_WAITING)
			continue;
		if (p->retry_ms <= now && supervisor_process_start(s, part, &e) < 0) {
			p->retry_ms = now + DELAY_MAX_MS;
			LOG(&s->app->log, LOG_ERROR, "a process cannot be started",
			    F_C("process", part_name(part)), F_ERR(&e));
		}
		if (p->state == PROCESS_WAITING && (next < 0 || p->retry_ms - now < next))
			next = p->retry_ms - now;
	}
	return next;
}

static size_t count_rank(const struct supervisor *s, int rank)
{
	size_t running = 0;

	for (enum part part = 0; part < PART_COUNT; part++)
		running += part_stop_rank(part) == rank && s->process[part].pid > 0;
	return running;
}

static void signal_rank(struct supervisor *s, int rank, int signal)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		struct process *p = &s->process[part];

		if (part_stop_rank(part) != rank)
			continue;
		if (p->pid <= 0) {
			p->state = PROCESS_STOPPED;
			continue;
		}
		p->state = PROCESS_STOPPING;
		/* PostgreSQL's "fast shutdown" is SIGINT; SIGTERM waits for its clients. */
		kill(p->pid, signal == SIGTERM && part == PART_POSTGRES ? SIGINT : signal);
	}
}

static void kill_draining(struct supervisor *s);

/* The runner waits for its jobs after the first SIGTERM, and ends them after the second. */
static void stop_rank(struct supervisor *s, int rank)
{
	int64_t began = clock_monotonic_ms();
	bool asked_twice = rank != part_stop_rank(PART_RUNNER);
	bool killed = false;

	signal_rank(s, rank, SIGTERM);
	for (supervisor_process_reap(s); count_rank(s, rank) > 0; supervisor_process_reap(s)) {
		int64_t waited = clock_monotonic_ms() - began;

		if (!asked_twice && waited > RUNNER_DRAIN_MS) {
			signal_rank(s, rank, SIGTERM);
			asked_twice = true;
		}
		if (!killed && waited > STOP_WAIT_MS) {
			LOG(&s->app->log, LOG_WARN, "killing what does not stop",
			    F_INT("rank", rank));
			signal_rank(s, rank, SIGKILL);
			killed = true;
		}
		usleep(STOP_STEP_US);
	}
}

void supervisor_process_stop_all(struct supervisor *s)
{
	supervisor_process_end_draining(s, true);
	for (int rank = 0; rank < STOP_RANKS; rank++)
		stop_rank(s, rank);
	kill_draining(s);
}

/* What is left of the program before an upgrade had its time while the others stopped. */
static void kill_draining(struct supervisor *s)
{
	for (size_t i = 0; i < s->draining_count; i++)
		kill(s->draining[i].pid, SIGKILL);
	while (s->draining_count > 0) {
		usleep(STOP_STEP_US);
		supervisor_process_reap(s);
	}
}

void supervisor_process_end_draining(struct supervisor *s, bool now)
{
	for (size_t i = 0; i < s->draining_count; i++) {
		if (now)
			kill(s->draining[i].pid, SIGTERM);
		else if (clock_monotonic_ms() > s->draining[i].kill_ms)
			kill(s->draining[i].pid, SIGKILL);
	}
}

int supervisor_process_run_command(struct supervisor *s, const char *const *words, struct str *said,
				   struct err *e)
{
	const char *argv[12] = { "hearth" };
	size_t count = 1;
	struct spawn spawn = { .program = s->program, .argv = argv };

	while (words[count - 1] && count < ARRAY_LEN(argv) - 3) {
		argv[count] = words[count - 1];
		count++;
	}
	argv[count++] = "--data";
	argv[count++] = s->app->data;
	argv[count] = NULL;
	return spawn_run(&spawn, words[0], STR(""), s->arena, said, e);
}
