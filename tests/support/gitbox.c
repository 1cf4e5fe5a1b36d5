#include "support/gitbox.h"

#include "support/check.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#define OUTPUT_MAX ((size_t)64 << 20)

static const char *const environment[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin",
	"LC_ALL=C",
	"GIT_CONFIG_NOSYSTEM=1",
	"GIT_CONFIG_GLOBAL=/dev/null",
	"GIT_CONFIG_COUNT=3",
	"GIT_CONFIG_KEY_0=safe.directory",
	"GIT_CONFIG_VALUE_0=*",
	"GIT_CONFIG_KEY_1=gc.auto",
	"GIT_CONFIG_VALUE_1=0",
	"GIT_CONFIG_KEY_2=init.defaultBranch",
	"GIT_CONFIG_VALUE_2=main",
	"GIT_AUTHOR_NAME=Ada",
	"GIT_AUTHOR_EMAIL=ada@example.com",
	"GIT_COMMITTER_NAME=Grace",
	"GIT_COMMITTER_EMAIL=grace@example.com",
	"GIT_AUTHOR_DATE=1700000000 +0100",
	"GIT_COMMITTER_DATE=1700000000 +0100",
	NULL,
};

static char *const *child_environment(void)
{
	return (char *const *)(uintptr_t)environment;
}

static int spawn(const struct gitbox *box, const char *script, int out)
{
	char shell[] = "/bin/sh";
	char flag[] = "-ec";
	char *text = mem_strdup(script);
	char *argv[] = { shell, flag, text, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 0;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addchdir_np(&actions, box->folder);
	if (posix_spawn(&pid, shell, &actions, NULL, argv, child_environment()) != 0)
		fail_msg("cannot start /bin/sh");
	posix_spawn_file_actions_destroy(&actions);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	mem_free(text);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int output_file(const struct gitbox *box, char path[static 96])
{
	snprintf(path, 96, "%s/.output", box->folder);
	return open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
}

int gitbox_try(struct gitbox *box, const char *script)
{
	char path[96];
	AUTO_FD out = output_file(box, path);

	return spawn(box, script, out);
}

struct str gitbox_run(struct gitbox *box, const char *script, ...)
{
	char path[96];
	AUTO_FD out = output_file(box, path);
	struct str bytes = STR("");
	struct err e = { 0 };
	struct buf text;
	va_list args;
	int status;

	buf_init(&text, OUTPUT_MAX);
	va_start(args, script);
	buf_vaddf(&text, script, args);
	va_end(args);
	status = spawn(box, text.p, out);
	if (status != 0)
		fail_msg("exit %d of: %s", status, text.p);
	buf_fini(&text);
	if (lseek(out, 0, SEEK_END) > 0)
		check_ok(fs_read(box->arena, path, OUTPUT_MAX, &bytes, &e), &e);
	return bytes;
}

struct gitbox *gitbox_open(void)
{
	struct gitbox *box = MEM_NEW(struct gitbox);

	test_folder(box->folder, sizeof(box->folder), "hearth-gitbox");
	snprintf(box->repo, sizeof(box->repo), "%s/repo.git", box->folder);
	box->arena = arena_open((size_t)1 << 30);
	gitbox_run(box, "git init -q --bare repo.git");
	return box;
}

void gitbox_close(struct gitbox *box)
{
	struct err e = { 0 };

	check_ok(fs_remove_tree(box->folder, &e), &e);
	arena_close(box->arena);
	mem_free(box);
}
