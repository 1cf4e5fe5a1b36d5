/* The operations archive and blame: one git child whose output goes to the front as it is. */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/oid.h"
#include "git/operation.h"

#include <sys/mman.h>

static int run_to_out(struct git_child *c, const char *const *args, struct err *e)
{
	AUTO_FD messages = memfd_create("messages", MFD_CLOEXEC);
	struct git_command command = git_child_command(c, args);
	struct git_process p;
	char text[300] = "";
	int status;

	if (c->out < 0)
		return err_set(e, ERR_INTERNAL, "git.sock: %s without a stream", args[0]);
	if (c->in >= 0)
		command.in = c->in;
	command.out = c->out;
	command.err = c->err >= 0 ? c->err : messages;
	if (git_process_start(&command, &p, e) < 0 || git_process_wait(&p, &status, e) < 0)
		return -(int)e->code;
	if (status == 0)
		return 0;
	if (pread(messages, text, sizeof(text) - 1, 0) < 0)
		text[0] = '\0';
	return err_set(e, ERR_INTERNAL, "git %s ended with %d: %.*s", args[0], status,
		       STR_FMT(str_trim(str_c(text))));
}

static int check_commit(const struct git_child *c, struct err *e)
{
	struct oid oid;

	if (!oid_parse(str_c(c->rq.name), &oid))
		return err_set(e, ERR_INTERNAL, "git.sock: %s of something that is no commit",
			       git_op_word((enum git_op)c->rq.op));
	return 0;
}

static bool is_format(struct str format)
{
	return str_eq_c(format, "tar") || str_eq_c(format, "tar.gz") || str_eq_c(format, "zip");
}

int git_op_archive(struct git_child *c, struct err *e)
{
	const char *args[6] = { "archive" };
	struct str prefix = str_c(c->rq.text);
	struct str format;

	if (c->rq.flags & GIT_FLAG_STATEFUL) {
		args[0] = "upload-archive";
		args[1] = c->repo;
		return run_to_out(c, args, e);
	}
	if (check_commit(c, e) < 0)
		return -(int)e->code;
	if (!str_cut(&prefix, ' ', &format) || !is_format(format) ||
	    !git_archive_folder_is_plain(prefix))
		return err_set(e, ERR_INVALID,
			       "An archive is tar, tar.gz or zip, in a folder of a "
			       "plain name.");
	args[1] = arena_strf(c->arena, "--format=%.*s", STR_FMT(format));
	args[2] = arena_strf(c->arena, "--prefix=%.*s/", STR_FMT(prefix));
	args[3] = c->rq.name;
	return run_to_out(c, args, e);
}

int git_op_blame(struct git_child *c, struct err *e)
{
	const char *const args[] = { "blame", "--porcelain", c->rq.name, "--", c->rq.text, NULL };

	if (check_commit(c, e) < 0)
		return -(int)e->code;
	if (c->rq.text[0] == '\0' || c->rq.text[0] == ':')
		return err_set(e, ERR_INVALID, "Blame needs the path of a file.");
	return run_to_out(c, args, e);
}
