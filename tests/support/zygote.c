#include "support/zygote.h"

#include "support/check.h"

#include "base/fs.h"
#include "base/mem.h"
#include "git/layout.h"
#include "roles/git_zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define OUTPUT_MAX ((size_t)4 << 20)

static void tell_ready(void *closure)
{
	const int *fd = closure;

	if (write(*fd, "r", 1) != 1)
		_exit(3);
}

static void run_zygote(const char *folder, int stop_fd, int ready_fd)
{
	char path[128];
	int log_fd;
	struct log log;
	struct err e = { 0 };

	snprintf(path, sizeof(path), "%s/log", folder);
	log_fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	log = log_to(log_fd, LOG_DEBUG, "git");
	const struct git_zygote_options options = { .data = folder,
						    .run = folder,
						    .log = &log,
						    .stop_fd = stop_fd,
						    .drain_ms = 5000,
						    .ready = tell_ready,
						    .ready_closure = &ready_fd };

	_exit(git_zygote_run(&options, &e) == 0 ? 0 : 1);
}

struct test_zygote *test_zygote_open(void)
{
	struct arena *a = arena_open(0);
	struct test_zygote *z = ARENA_NEW(a, struct test_zygote);
	int stop[2];
	int ready[2];
	char byte;

	z->arena = a;
	test_folder(z->folder, sizeof(z->folder), "hearth-zygote");
	if (pipe2(stop, O_CLOEXEC) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		fail_msg("cannot make a folder and pipes");
	z->pid = fork();
	if (z->pid == 0) {
		close(stop[1]);
		close(ready[0]);
		run_zygote(z->folder, stop[0], ready[1]);
	}
	close(stop[0]);
	close(ready[1]);
	z->stop = stop[1];
	if (read(ready[0], &byte, 1) != 1)
		fail_msg("the zygote did not start");
	close(ready[0]);
	return z;
}

void test_zygote_close(struct test_zygote *z)
{
	struct err e;
	int status = 0;

	fs_close(&z->stop);
	while (waitpid(z->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	check_int(status, 0);
	check_ok(fs_remove_tree(z->folder, &e), &e);
	arena_close(z->arena);
}

void test_zygote_init(struct test_zygote *z, int64_t project)
{
	struct err e = { 0 };
	const struct git_operation_request r = { .op = GIT_OP_INIT,
						 .project_id = project,
						 .user_id = 1,
						 .request_id = "test",
						 .in = -1,
						 .out = -1,
						 .err = -1,
						 .name = "main" };

	check_ok(git_operation_run(z->folder, &r, &e), &e);
}

const char *test_zygote_repo(struct test_zygote *z, int64_t project)
{
	char *path = arena_alloc(z->arena, PATH_MAX);
	struct err e;

	check_ok(git_repo_path(path, z->folder, project, &e), &e);
	return path;
}

static const char *front_program(struct test_zygote *z)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct str path = str_n(self, n > 0 ? (size_t)n : 0);
	size_t at = str_find_str(path, STR("/tests/"));

	return arena_strf(z->arena, "%.*s/tests/programs/git_front", STR_FMT(str_upto(path, at)));
}

struct str test_zygote_shell(struct test_zygote *z, const char *script, int *status)
{
	const char *text = arena_strf(
		z->arena,
		"exec 2>&1; cd %s; export HOME=%s GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC "
		"GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada "
		"GIT_COMMITTER_EMAIL=ada@example.com GIT_SSH_VARIANT=ssh GIT_SSH_COMMAND=%s "
		"FRONT_FOLDER=%s GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=init.defaultBranch "
		"GIT_CONFIG_VALUE_0=main GIT_CONFIG_KEY_1=gc.auto GIT_CONFIG_VALUE_1=0 "
		"URL=ssh://front; %s",
		z->folder, z->folder, front_program(z), z->folder, script);
	int fds[2];
	struct buf out;
	char bytes[4096];
	struct str result;
	ssize_t n;
	int raw = 0;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		fail_msg("pipe");
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl("/bin/bash", "bash", "-ec", text, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	buf_init(&out, OUTPUT_MAX);
	while ((n = read(fds[0], bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		buf_add_bytes(&out, bytes, n > 0 ? (size_t)n : 0);
	close(fds[0]);
	while (waitpid(pid, &raw, 0) < 0 && errno == EINTR)
		continue;
	result = arena_str(z->arena, buf_str(&out));
	buf_fini(&out);
	if (status)
		*status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
	else if (raw != 0)
		fail_msg("%s\nended with %d:\n%.*s", script, raw, STR_FMT(result));
	return result;
}
