/* The operations archive and blame: one git child whose output goes to the front as it is. */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/oid.h"
#include "git/operation.h"
#include "git/pktline.h"
#include "git/ref_snapshot.h"

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

/*
 * git archive --remote. git resolves the name it is given and knows nothing of refs that are not
 * for people, so the name is judged here, and git gets the arguments as we read them.
 */
#define ARGUMENTS_MAX 64 /* git's own */
#define ARGUMENT_WAIT_MS 30000

/* As git completes a short name. */
static bool names_internal_ref(struct git_child *c, struct str name)
{
	name = str_upto(name, str_find(name, ':'));
	return ref_is_internal(name) ||
	       ref_is_internal(arena_fmt(c->arena, "refs/%.*s", STR_FMT(name)));
}

static int read_arguments(struct git_child *c, struct buf *arguments, bool *is_allowed,
			  struct err *e)
{
	char *room = arena_alloc(c->arena, PKT_MAX);
	struct pkt pkt;

	*is_allowed = true;
	for (size_t i = 0; i <= ARGUMENTS_MAX; i++) {
		struct str line;

		if (pkt_read(c->in, room, ARGUMENT_WAIT_MS, &pkt, e) < 0)
			return -(int)e->code;
		if (pkt.kind == PKT_FLUSH) {
			pkt_add_flush(arguments);
			return buf_check(arguments, "the request for an archive", e);
		}
		line = pkt_line(&pkt);
		if (pkt.kind != PKT_DATA || !str_cut_prefix(&line, STR("argument ")))
			break;
		if (names_internal_ref(c, line))
			*is_allowed = false;
		pkt_add(arguments, pkt.payload);
	}
	return err_set(e, ERR_INVALID, "The client's request for an archive is not git's.");
}

static int run_upload_archive(struct git_child *c, const struct buf *arguments, struct err *e)
{
	const char *const args[] = { "upload-archive", c->repo, NULL };
	AUTO_FD in = memfd_create("arguments", MFD_CLOEXEC);

	if (in < 0 || fs_write_all(in, buf_str(arguments), e) < 0 || lseek(in, 0, SEEK_SET) < 0)
		return err_set(e, ERR_INTERNAL, "keep the arguments of an archive");
	fs_close(&c->in);
	c->in = in;
	in = -1;
	return run_to_out(c, args, e);
}

static int archive_remote(struct git_child *c, struct err *e)
{
	struct buf packets;
	bool is_allowed;
	int failed;

	if (c->in < 0 || c->out < 0)
		return err_set(e, ERR_INTERNAL, "git.sock: archive without streams");
	buf_init(&packets, (ARGUMENTS_MAX + 1) * PKT_MAX);
	failed = read_arguments(c, &packets, &is_allowed, e);
	if (!failed && is_allowed) {
		failed = run_upload_archive(c, &packets, e);
	} else if (!failed) {
		buf_fini(&packets);
		pkt_addf(&packets, "NACK archives are made of branches and tags; this name is "
				   "neither\n");
		failed = fs_write_all(c->out, buf_str(&packets), e);
	}
	buf_fini(&packets);
	return failed;
}

int git_op_archive(struct git_child *c, struct err *e)
{
	const char *args[6] = { "archive" };
	struct str prefix = str_c(c->rq.text);
	struct str format;

	if (c->rq.flags & GIT_FLAG_STATEFUL)
		return archive_remote(c, e);
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
