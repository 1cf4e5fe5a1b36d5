/*
 * Starting git with posix_spawn. The environment is written out in full below
 * and nothing of ours is inherited, so what git does depends on the arguments,
 * the repository and the configuration file here, and on nothing else.
 */
#include "git/process.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define GIT_PROGRAM "/usr/bin/git"
#define ARGS_MAX 64
#define ENV_MAX 24

static const char global_config[] = "# Written by Hearth at each start; changes are lost.\n"
				    "[core]\n"
				    "\tfsync = committed,reference\n"
				    "\tfsyncMethod = fsync\n"
				    "\thooksPath = /dev/null\n"
				    "\talternateRefsCommand = true\n"
				    "\tlogAllRefUpdates = false\n"
				    "\tbigFileThreshold = 32m\n"
				    "[gc]\n"
				    "\tauto = 0\n"
				    "[maintenance]\n"
				    "\tauto = false\n"
				    "[receive]\n"
				    "\tautogc = false\n"
				    "[pack]\n"
				    "\tthreads = 2\n"
				    "\twriteBitmapHashCache = true\n"
				    "[commitGraph]\n"
				    "\tchangedPaths = true\n"
				    "[protocol]\n"
				    "\tallow = never\n"
				    "[safe]\n"
				    "\tbareRepository = explicit\n"
				    "[merge]\n"
				    "\trenames = true\n"
				    "\tdirectoryRenames = conflict\n"
				    "[transfer]\n"
				    "\thideRefs = refs/forge\n"
				    "\thideRefs = refs/keep\n"
				    "\thideRefs = refs/pipelines\n"
				    "[uploadpack]\n"
				    "\tallowFilter = true\n"
				    "\tkeepAlive = 5\n"
				    "[uploadpackfilter]\n"
				    "\tallow = false\n"
				    "[uploadpackfilter \"blob:none\"]\n"
				    "\tallow = true\n"
				    "[uploadpackfilter \"blob:limit\"]\n"
				    "\tallow = true\n"
				    "[uploadpackfilter \"object:type\"]\n"
				    "\tallow = true\n"
				    "[uploadpackfilter \"tree\"]\n"
				    "\tallow = true\n"
				    "\tmaxTreeDepth = 0\n";

int git_config_write(const char *path, struct err *e)
{
	return fs_write_atomic(path, STR(global_config), 0600, e);
}

/* Argument and environment vectors of one child; the strings live in the arena. */
struct vectors {
	struct arena *arena;
	char *args[ARGS_MAX];
	char *env[ENV_MAX];
	size_t arg_count;
	size_t env_count;
};

static void add_arg(struct vectors *v, const char *arg)
{
	ASSERT(v->arg_count + 1 < ARGS_MAX);
	v->args[v->arg_count++] = arena_strdup(v->arena, arg);
}

static void add_env(struct vectors *v, const char *name, const char *value)
{
	ASSERT(v->env_count + 1 < ENV_MAX);
	v->env[v->env_count++] = arena_strf(v->arena, "%s=%s", name, value);
}

static void build_environment(struct vectors *v, const struct git_command *c)
{
	add_env(v, "PATH", "/usr/bin:/bin");
	add_env(v, "HOME", "/nonexistent");
	add_env(v, "LC_ALL", "C");
	add_env(v, "TZ", "UTC");
	add_env(v, "GIT_CONFIG_NOSYSTEM", "1");
	add_env(v, "GIT_CONFIG_GLOBAL", c->config_path);
	add_env(v, "GIT_ATTR_NOSYSTEM", "1");
	add_env(v, "GIT_NO_REPLACE_OBJECTS", "1");
	add_env(v, "GIT_NO_LAZY_FETCH", "1");
	add_env(v, "GIT_TERMINAL_PROMPT", "0");
	add_env(v, "GIT_PROTOCOL_FROM_USER", "0");
	add_env(v, "GIT_OPTIONAL_LOCKS", "0");
	if (c->protocol)
		add_env(v, "GIT_PROTOCOL", c->protocol);
	if (c->quarantine) {
		add_env(v, "GIT_OBJECT_DIRECTORY", c->quarantine);
		add_env(v, "GIT_ALTERNATE_OBJECT_DIRECTORIES",
			arena_strf(v->arena, "%s/objects", c->repo_path));
		add_env(v, "GIT_QUARANTINE_PATH", c->quarantine);
	}
}

static void build_arguments(struct vectors *v, const struct git_command *c)
{
	add_arg(v, "git");
	add_arg(v, arena_strf(v->arena, "--git-dir=%s", c->repo_path));
	for (size_t i = 0; c->args[i]; i++)
		add_arg(v, c->args[i]);
}

/* Which descriptor becomes the child's, which end stays ours. */
struct stream {
	int child;
	int ours;
	bool is_made; /* child is ours to close after the start */
};

static int open_stream(int wanted, bool child_reads, struct stream *s, struct err *e)
{
	int ends[2];

	*s = (struct stream){ wanted, -1, false };
	if (wanted == GIT_FD_NULL) {
		s->child = open("/dev/null", O_RDWR | O_CLOEXEC);
		s->is_made = true;
		return s->child < 0 ? err_errno(e, errno, "open /dev/null") : 0;
	}
	if (wanted != GIT_FD_PIPE)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	s->child = child_reads ? ends[0] : ends[1];
	s->ours = child_reads ? ends[1] : ends[0];
	s->is_made = true;
	return 0;
}

static void close_streams(struct stream s[3], bool with_ours)
{
	for (int i = 0; i < 3; i++) {
		if (s[i].is_made)
			fs_close(&s[i].child);
		if (with_ours)
			fs_close(&s[i].ours);
	}
}

/* 0-2 are the streams; the kept descriptor keeps its number but loses CLOEXEC. */
static int spawn(struct vectors *v, const struct stream s[3], int keep, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	int failed;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	for (int i = 0; i < 3; i++)
		posix_spawn_file_actions_adddup2(&actions, s[i].child, i);
	if (keep >= 0)
		posix_spawn_file_actions_adddup2(&actions, keep, keep);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(&attributes, &set);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(&attributes, &set);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawn(pid, GIT_PROGRAM, &actions, &attributes, v->args, v->env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

int git_process_start(const struct git_command *command, struct git_process *p, struct err *e)
{
	struct stream s[3] = { { -1, -1, false }, { -1, -1, false }, { -1, -1, false } };
	struct vectors v = { .arena = arena_open(0) };
	int failed = 0;

	*p = (struct git_process){ -1, -1, -1, -1 };
	build_arguments(&v, command);
	build_environment(&v, command);
	if (open_stream(command->in, true, &s[0], e) < 0 ||
	    open_stream(command->out, false, &s[1], e) < 0 ||
	    open_stream(command->err, false, &s[2], e) < 0)
		failed = -(int)e->code;
	else if ((failed = spawn(&v, s, command->keep, &p->pid)) != 0)
		failed = err_errno(e, failed, "start %s %s", GIT_PROGRAM, command->args[0]);
	close_streams(s, failed != 0);
	arena_close(v.arena);
	if (failed)
		return failed;
	p->in = s[0].ours;
	p->out = s[1].ours;
	p->err = s[2].ours;
	return 0;
}

int git_process_wait(struct git_process *p, int *status, struct err *e)
{
	int raw;
	pid_t got;

	fs_close(&p->in);
	fs_close(&p->out);
	fs_close(&p->err);
	do
		got = waitpid(p->pid, &raw, 0);
	while (got < 0 && errno == EINTR);
	p->pid = -1;
	if (got < 0)
		return err_errno(e, errno, "wait for git");
	*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	return 0;
}

void git_process_abandon(struct git_process *p)
{
	struct err ignored;
	int status;

	if (p->pid <= 0)
		return;
	kill(p->pid, SIGKILL);
	if (git_process_wait(p, &status, &ignored) < 0)
		return;
}
