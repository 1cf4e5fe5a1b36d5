#include "roles/git_ref_update.h"

#include "base/fs.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/statvfs.h>

#define COMMANDS_MAX (64u << 20)
#define ANSWER_MAX 64

void git_ref_update_init(struct git_ref_update *u, struct git_child *c)
{
	memset(u, 0, sizeof(*u));
	u->c = c;
	u->process = (struct git_process){ -1, -1, -1, -1 };
	u->messages = -1;
	buf_init(&u->commands, COMMANDS_MAX);
	buf_add_c(&u->commands, "start\n");
}

void git_ref_update_fini(struct git_ref_update *u)
{
	/* It reads the end of its input as "abort" and drops its locks; killing it would not. */
	fs_close(&u->process.in);
	if (u->process.pid > 0) {
		struct err ignored;
		int status;

		if (git_process_wait(&u->process, &status, &ignored) < 0)
			u->process.pid = -1;
	}
	fs_close(&u->messages);
	buf_fini(&u->commands);
}

void git_ref_update_add(struct git_ref_update *u, struct str name, const char *old_oid,
			const char *new_oid)
{
	bool deletes = strcmp(new_oid, GIT_ZERO_OID) == 0;

	if (deletes)
		buf_addf(&u->commands, "delete %.*s", STR_FMT(name));
	else
		buf_addf(&u->commands, "update %.*s %s", STR_FMT(name), new_oid);
	if (old_oid[0])
		buf_addf(&u->commands, " %s", old_oid);
	buf_add_char(&u->commands, '\n');
}

static bool is_disk_full(const char *path)
{
	struct statvfs disk;

	return statvfs(path, &disk) == 0 && disk.f_bavail == 0;
}

/* git does not say why it could not write, but where: that is for the log. */
static int complain_of_file(struct git_ref_update *u, struct str what, struct err *e)
{
	return err_set(
		e, git_has_no_room(what) || is_disk_full(u->c->repo) ? ERR_DISK_FULL : ERR_INTERNAL,
		"update-ref: %.*s", STR_FMT(what));
}

/* What it complained about, without git's "fatal: ". */
static int complain(struct git_ref_update *u, struct err *e)
{
	char text[400] = "";
	ssize_t n = pread(u->messages, text, sizeof(text) - 1, 0);
	struct str rest = str_n(text, n > 0 ? (size_t)n : 0);
	struct str line = STR("no message");

	if (git_has_no_room(rest) || str_find_str(rest, str_c(u->c->repo)) < rest.n)
		return complain_of_file(u, rest, e);
	if (rest.n > 0 && str_cut(&rest, '\n', &line))
		str_cut_prefix(&line, STR("fatal: "));
	return err_set(e, ERR_CONFLICT, "The refs could not be changed: %.*s. Nothing was changed.",
		       STR_FMT(line));
}

/* Reads "<word>: ok" LF. */
static int expect_ok(struct git_ref_update *u, const char *word, struct err *e)
{
	char answer[ANSWER_MAX];
	char expected[ANSWER_MAX];
	size_t have = 0;

	snprintf(expected, sizeof(expected), "%s: ok\n", word);
	while (have < strlen(expected)) {
		ssize_t n = read(u->process.out, answer + have, strlen(expected) - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return complain(u, e);
		have += (size_t)n;
	}
	if (memcmp(answer, expected, have) != 0)
		return err_set(e, ERR_INTERNAL, "update-ref answered something else than %s",
			       expected);
	return 0;
}

int git_ref_update_prepare(struct git_ref_update *u, int lock_fd, struct err *e)
{
	static const char *const args[] = { "update-ref", "--no-deref", "--stdin", NULL };
	struct git_command command = git_child_command(u->c, args);
	struct err broken_pipe;

	u->messages = memfd_create("messages", MFD_CLOEXEC);
	if (u->messages < 0)
		return err_errno(e, errno, "memfd");
	buf_add_c(&u->commands, "prepare\n");
	if (buf_check(&u->commands, "the list of refs", e) < 0)
		return -(int)e->code;
	command.in = GIT_FD_PIPE;
	command.out = GIT_FD_PIPE;
	command.err = u->messages;
	command.keep = lock_fd;
	if (git_process_start(&command, &u->process, e) < 0)
		return -(int)e->code;
	/* If it died over a line of ours, its message says more than our EPIPE. */
	if (fs_write_all(u->process.in, buf_str(&u->commands), &broken_pipe) < 0)
		return complain(u, e);
	if (expect_ok(u, "start", e) < 0)
		return -(int)e->code;
	return expect_ok(u, "prepare", e);
}

int git_ref_update_commit(struct git_ref_update *u, struct err *e)
{
	int status;

	if (fs_write_all(u->process.in, STR("commit\n"), e) < 0 || expect_ok(u, "commit", e) < 0)
		return -(int)e->code;
	if (git_process_wait(&u->process, &status, e) < 0)
		return -(int)e->code;
	if (status != 0)
		return err_set(e, ERR_INTERNAL, "update-ref ended with %d after its commit",
			       status);
	return 0;
}

int git_ref_update_sync_folder(struct git_child *c, struct str name, struct err *e)
{
	struct str folder = str_upto(name, str_find_last(name, '/'));

	/* A deletion may have taken the empty folder along: then its parent counts. */
	while (folder.n > 0) {
		const char *path = git_child_path(c, "%.*s", STR_FMT(folder));

		if (fs_exists(path))
			return fs_sync_folder(path, e);
		folder = str_upto(folder, str_find_last(folder, '/'));
		if (!str_has(folder, '/'))
			break;
	}
	return fs_sync_folder(git_child_path(c, "refs"), e);
}
