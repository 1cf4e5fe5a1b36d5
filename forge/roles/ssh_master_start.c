/* How the master is started and what it is told: its command line, both ends of it. */
#include "roles/ssh_master.h"

#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

/* Numbers on the master's side of the exec. */
enum { LISTEN_FD = 3, CONTROL_FD = 4 };

#define NUMBER_TEXT 24
#define LIMIT_MOST 100000

/* Above the numbers that the descriptors are moved to, so that none is overwritten on the way. */
static int move_up(int fd, int *moved, struct err *e)
{
	*moved = fcntl(fd, F_DUPFD_CLOEXEC, 16);
	return *moved < 0 ? err_errno(e, errno, "duplicate a descriptor") : 0;
}

/* The signals that its parent has blocked are not the master's. */
static int spawn(char **argv, int listen_fd, int control_fd, pid_t *pid)
{
	char *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, listen_fd, LISTEN_FD);
	posix_spawn_file_actions_adddup2(&actions, control_fd, CONTROL_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, CONTROL_FD + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(pid, "/proc/self/exe", &actions, &attributes, argv, environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

int ssh_master_start(const struct ssh_master_options *o, pid_t *pid, struct err *e)
{
	char sandbox[NUMBER_TEXT];
	char log_level[NUMBER_TEXT];
	char limit[NUMBER_TEXT];
	char per_address[NUMBER_TEXT];
	char name[] = "hearth";
	char word[] = "ssh-master";
	char *keys = mem_strdup(o->keys);
	char *argv[] = { name, word, keys, sandbox, log_level, limit, per_address, NULL };
	AUTO_FD listen_fd = -1;
	AUTO_FD control_fd = -1;
	int rc;

	snprintf(sandbox, sizeof(sandbox), "%d", (int)o->sandbox);
	snprintf(log_level, sizeof(log_level), "%d", (int)o->log_level);
	snprintf(limit, sizeof(limit), "%lld", (long long)o->limit);
	snprintf(per_address, sizeof(per_address), "%lld", (long long)o->limit_per_address);
	rc = move_up(o->listen_fd, &listen_fd, e);
	if (rc == 0)
		rc = move_up(o->control_fd, &control_fd, e);
	if (rc == 0) {
		int failed = spawn(argv, listen_fd, control_fd, pid);

		if (failed != 0)
			rc = err_errno(e, failed, "start the ssh master");
	}
	mem_free(keys);
	return rc;
}

static bool number(const char *text, int64_t most, int64_t *value)
{
	return str_to_i64(str_c(text), value) && *value >= 0 && *value <= most;
}

int ssh_master_main(int argc, char **argv)
{
	struct ssh_master_options o = { .listen_fd = LISTEN_FD, .control_fd = CONTROL_FD };
	int64_t sandbox;
	int64_t log_level;

	if (argc != 7 || !number(argv[3], SSH_SANDBOX_OFF, &sandbox) ||
	    !number(argv[4], LOG_ERROR, &log_level) || !number(argv[5], LIMIT_MOST, &o.limit) ||
	    !number(argv[6], LIMIT_MOST, &o.limit_per_address)) {
		fprintf(stderr, "hearth ssh-master is started by `hearth serve --role ssh`.\n");
		return 2;
	}
	(void)fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC);
	(void)fcntl(CONTROL_FD, F_SETFD, FD_CLOEXEC);
	o.keys = argv[2];
	o.sandbox = (enum ssh_sandbox_mode)sandbox;
	o.log_level = (enum log_level)log_level;
	return ssh_master_serve(&o);
}
