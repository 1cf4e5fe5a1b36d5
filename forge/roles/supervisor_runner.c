/*
 * The local runner: `hearth-runner run` beside the roles, for an instance that
 * shall run its own jobs. It gets a new token at each start.
 *
 * As root its jobs have users of their own (executor shell), so it keeps root.
 * What it reads is therefore written to a folder of root's, never to the data
 * directory: that belongs to the user of the roles, who must not be able to
 * tell a root process what to do. Otherwise jobs run in bubblewrap; where that
 * does not work there is no local runner, because a job would be the server's
 * own user and could read its keys.
 */
#include "roles/supervisor_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#define CONFIG_MAX 16384
#define BUILDS_OF_ROOT "/var/lib/hearth-runner/builds"

static const char *runner_program(const struct supervisor *s, struct arena *a)
{
	struct str folder = str_upto(str_c(s->program), str_find_last(str_c(s->program), '/'));

	return arena_strf(a, "%.*s/hearth-runner", STR_FMT(folder));
}

/* ---- where and how ---- */

static bool bubblewrap_works(struct arena *a)
{
	static const char *const argv[] = {
		"/usr/bin/bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/", "/",
		"--proc",         "/proc",          "/bin/true",     NULL
	};
	const struct spawn spawn = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	struct str output;
	struct err e = { 0 };

	return access(argv[0], X_OK) == 0 &&
	       spawn_run(&spawn, "bwrap", STR(""), a, &output, &e) == 0;
}

/* Why there can be none; NULL if there can. */
static const char *why_not(const struct supervisor *s, struct arena *a)
{
	if (!s->app->config->local_runner)
		return "switched off (local_runner)";
	if (access(runner_program(s, a), X_OK) < 0)
		return "none: hearth-runner is not beside hearth";
	if (geteuid() != 0 && !bubblewrap_works(a))
		return "none: without root it needs bubblewrap, which does not work here";
	return NULL;
}

/* A folder that the user of the roles can neither write nor exchange. */
static const char *runner_folder(const struct supervisor *s, struct arena *a)
{
	struct str run = str_c(s->app->run);

	if (geteuid() != 0)
		return arena_strf(a, "%s/runner", s->app->data);
	return arena_strf(a, "/run/hearth/runner-%.*s",
			  STR_FMT(str_from(run, str_find_last(run, '/') + 1)));
}

static int make_folder(const struct supervisor *s, struct arena *a, const char **folder,
		       struct err *e)
{
	struct stat st;

	*folder = runner_folder(s, a);
	if (mkdir(*folder, 0700) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make folder %s", *folder);
	if (lstat(*folder, &st) < 0)
		return err_errno(e, errno, "%s", *folder);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		return err_set(e, ERR_FORBIDDEN,
			       "%s must be a folder that only this user can use; remove it",
			       *folder);
	return 0;
}

/* Past a proxy, straight to the port that this very process opened. */
static const char *forge_url(const struct supervisor *s, struct arena *a)
{
	struct str host, base = config_base_path(s->app->config);
	int port;

	if (!settings_address_split(str_c(s->app->config->http_listen), &host, &port))
		return s->app->config->external_url;
	if (host.n == 0 || str_eq_c(host, "0.0.0.0") || str_eq_c(host, "::"))
		host = STR("127.0.0.1");
	return str_has(host, ':')
		       ? arena_strf(a, "http://[%.*s]:%d%.*s", STR_FMT(host), port, STR_FMT(base))
		       : arena_strf(a, "http://%.*s:%d%.*s", STR_FMT(host), port, STR_FMT(base));
}

/* ---- its file ---- */

static int write_config(const struct supervisor *s, struct arena *a, const char *folder,
			struct str token, struct err *e)
{
	bool is_root = geteuid() == 0;
	struct buf b;
	int result;

	buf_init(&b, CONFIG_MAX);
	buf_addf(&b,
		 "# Written by `hearth up` at each start.\n[global]\nconcurrent = %lld\n"
		 "check_interval = 1s\nkill_grace = 3s\n",
		 (long long)s->app->config->local_runner_jobs);
	if (is_root)
		buf_add_c(&b, "builds_dir = " BUILDS_OF_ROOT "\n");
	else
		buf_addf(&b, "builds_dir = %s/builds\n", folder);
	buf_addf(&b, "[runner local]\nurl = %s\ntoken = %.*s\nexecutor = %s\n", forge_url(s, a),
		 STR_FMT(token), is_root ? "shell" : "bubblewrap");
	result = buf_check(&b, "the local runner's file", e);
	if (result == 0)
		result = fs_write_atomic(arena_strf(a, "%s/runner.conf", folder), buf_str(&b), 0600,
					 e);
	buf_fini(&b);
	return result;
}

/* The folder may go with a reboot; the host is the same all the same. */
static int write_system_id(const struct supervisor *s, struct arena *a, const char *folder,
			   struct err *e)
{
	struct str run = str_c(s->app->run);
	struct str hash = str_from(run, run.n - 12);

	return fs_write_atomic(arena_strf(a, "%s/.system_id", folder),
			       arena_fmt(a, "s_%.*s", STR_FMT(hash)), 0644, e);
}

static int prepare(struct supervisor *s, struct arena *a, const char **folder, struct err *e)
{
	static const char *const words[] = { "local-runner", NULL };
	struct str token;

	if (make_folder(s, a, folder, e) < 0 ||
	    supervisor_process_run_command(s, words, &token, e) < 0)
		return -(int)e->code;
	token = str_trim(token);
	if (!str_starts(token, STR("glrt-")) || str_has(token, '\n'))
		return err_set(e, ERR_INTERNAL, "no token for the local runner");
	if (write_system_id(s, a, *folder, e) < 0)
		return -(int)e->code;
	return write_config(s, a, *folder, token, e);
}

int runner_start(struct supervisor *s, pid_t *pid, struct err *e)
{
	static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
						   "/usr/bin:/sbin:/bin",
						   "LANG=C.UTF-8", "TZ=UTC", NULL };
	struct arena *a = arena_open(0);
	const char *argv[] = { "hearth-runner", "run", "--config", NULL, NULL };
	struct spawn spawn = { .program = runner_program(s, a),
			       .argv = argv,
			       .environment = environment,
			       .in = -1,
			       .out = STDOUT_FILENO,
			       .err = STDERR_FILENO,
			       .death_signal = SIGTERM,
			       .is_own_group = true };
	const char *folder;
	int result = prepare(s, a, &folder, e);

	if (result == 0) {
		argv[3] = arena_strf(a, "%s/runner.conf", folder);
		result = spawn_start(&spawn, pid, e);
	}
	arena_close(a);
	return result < 0 ? err_add(e, "local runner") : 0;
}

const char *runner_begin(struct supervisor *s)
{
	struct process *p = &s->process[PART_RUNNER];
	const char *reason = why_not(s, s->arena);
	struct err e = { 0 };

	if (reason)
		return reason;
	/* After an upgrade that failed it is the one of the program before. */
	if (p->pid > 0 || supervisor_process_start(s, PART_RUNNER, &e) == 0)
		return arena_strf(s->arena, "local, %lld jobs at once",
				  (long long)s->app->config->local_runner_jobs);
	LOG(&s->app->log, LOG_ERROR, "the local runner does not start", F_ERR(&e));
	p->state = PROCESS_WAITING;
	p->retry_ms = clock_monotonic_ms() + DELAY_MAX_MS;
	return "does not start; the log says why";
}

void runner_end(struct supervisor *s)
{
	const char *folder = runner_folder(s, s->arena);
	struct err e = { 0 };

	/* The token in it is of no use to anybody: the next start makes a new one. */
	if (fs_remove_tree(folder, &e) < 0)
		LOG(&s->app->log, LOG_WARN, "the local runner's folder stays", F_ERR(&e));
}
