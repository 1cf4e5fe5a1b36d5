#include "roles/git_child.h"

#include "base/fs.h"
#include "base/random.h"
#include "git/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Where the descriptors are in every operation; everything above is closed. */
#define FD_CONNECTION 3
#define FD_FIRST_STREAM 4
#define FD_FIRST_FREE (FD_FIRST_STREAM + GIT_STREAMS_MAX)

typedef int op_function(struct git_child *c, struct err *e);

static op_function *const functions[] = {
	[GIT_OP_INIT] = git_op_init,         [GIT_OP_REMOVE] = git_op_remove,
	[GIT_OP_UPLOAD] = git_op_upload,     [GIT_OP_RECEIVE] = git_op_receive,
	[GIT_OP_REFS] = git_op_refs,         [GIT_OP_SETTLE] = git_op_settle,
	[GIT_OP_MAINTAIN] = git_op_maintain, [GIT_OP_ARCHIVE] = git_op_archive,
	[GIT_OP_BLAME] = git_op_blame,       [GIT_OP_MERGE] = git_op_merge,
	[GIT_OP_RENDER] = git_op_render,     [GIT_OP_PACK] = git_op_pack,
};

_Static_assert(ARRAY_LEN(functions) == GIT_OP_COUNT, "an operation without a function");

/* First all out of the way, then to their places: a target may be another's source. */
static int place_descriptors(const struct git_child_start *start, struct git_child *c,
			     struct err *e)
{
	int *const places[GIT_STREAMS_MAX] = { &c->in, &c->out, &c->err };
	int moved[1 + GIT_STREAMS_MAX];
	size_t next = 0;

	for (size_t i = 0; i <= start->stream_count; i++) {
		int fd = i == 0 ? start->connection : start->streams[i - 1];

		moved[i] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
		if (moved[i] < 0)
			return err_errno(e, errno, "place a descriptor");
	}
	for (int i = 0; i <= (int)start->stream_count; i++)
		if (dup3(moved[i], FD_CONNECTION + i, O_CLOEXEC) < 0)
			return err_errno(e, errno, "place a descriptor");
	close_range(FD_CONNECTION + 1 + (unsigned int)start->stream_count, ~0u, 0);
	c->connection = FD_CONNECTION;
	for (unsigned int i = 0; i < GIT_STREAMS_MAX; i++)
		if (start->rq->streams & (1u << i))
			*places[i] = FD_FIRST_STREAM + (int)next++;
	return 0;
}

/* Trash is beside the shards, so that a removed repository is gone by one rename. */
static int move_to_trash(struct git_child *c, const char *data, struct err *e)
{
	char *trash = arena_strf(c->arena, "%s/" GIT_FOLDER "/trash", data);
	char *target = arena_strf(c->arena, "%s/%lld-%s", trash, (long long)c->rq.project_id,
				  random_hex(c->arena, 8).p);

	if (fs_make_folder(trash, 0700, e) < 0)
		return -(int)e->code;
	if (rename(c->repo, target) < 0 && errno != ENOENT)
		return err_errno(e, errno, "rename %s", c->repo);
	if (!str_copy(c->repo, sizeof(c->repo), str_c(trash)))
		return err_set(e, ERR_INTERNAL, "%s is too long", trash);
	return 0;
}

/* What must happen before the folder becomes the only one there is. */
static int open_folder(struct git_child *c, const char *data, struct err *e)
{
	struct stat st;

	if (c->rq.op == GIT_OP_RENDER)
		return 0;
	if (git_repo_path(c->repo, data, c->rq.project_id, e) < 0)
		return -(int)e->code;
	if (c->rq.op == GIT_OP_INIT)
		return fs_make_folder(c->repo, 0700, e);
	if (c->rq.op == GIT_OP_REMOVE)
		return move_to_trash(c, data, e);
	if (stat(c->repo, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(e, ERR_NOT_FOUND,
			       "The repository of this project is missing on the server; an "
			       "administrator can restore it from a backup.");
	return 0;
}

static int prepare(const struct git_child_start *start, struct git_child *c, struct err *e)
{
	if (open_folder(c, start->data, e) < 0 || git_sandbox_limit(&c->rq, e) < 0)
		return -(int)e->code;
	return git_sandbox_enter(start->sandbox, c->repo[0] ? c->repo : NULL, c->config_path,
				 c->rq.op == GIT_OP_RENDER, e);
}

static void send_result(struct git_child *c, int result, const struct err *e)
{
	struct git_message done = git_message_of(GIT_MSG_DONE);
	struct err ignored;

	done.number = result < 0 ? (int64_t)e->code : ERR_NONE;
	done.flags = c->has_told ? GIT_FLAG_TOLD : 0;
	if (result < 0)
		git_message_set_text(&done, str_c(e->text));
	if (git_child_send(c, &done, &ignored) < 0)
		return; /* the front is gone: there is nobody to tell */
}

void git_child_run(const struct git_child_start *start)
{
	struct git_child c = { .rq = *start->rq,
			       .config_path = start->config_path,
			       .in = -1,
			       .out = -1,
			       .err = -1,
			       .arena = arena_open(0) };
	struct git_message started = git_message_of(GIT_MSG_STARTED);
	struct err e = { 0 };
	int result;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != start->zygote || place_descriptors(start, &c, &e) < 0)
		_exit(2);
	started.number = getpid();
	result = prepare(start, &c, &e);
	if (result == 0)
		result = git_child_send(&c, &started, &e);
	if (result == 0)
		result = functions[c.rq.op](&c, &e);
	send_result(&c, result, &e);
	_exit(result == 0 ? 0 : 1);
}

int git_child_send(struct git_child *c, const struct git_message *m, struct err *e)
{
	return git_packet_send(c->connection, str_n((const char *)m, sizeof(*m)), NULL, 0, e);
}

int git_child_receive_with(struct git_child *c, struct git_message *m, int *fd, struct err *e)
{
	char room[sizeof(struct git_message) + 1];
	int fds[GIT_STREAMS_MAX];
	struct str bytes;
	size_t fd_count;

	*fd = -1;
	if (git_packet_receive(c->connection, room, sizeof(room), &bytes, fds, &fd_count, e) < 0)
		return -(int)e->code;
	for (size_t i = 1; i < fd_count; i++)
		fs_close(&fds[i]);
	if (fd_count > 0)
		*fd = fds[0];
	if (git_message_parse(bytes, m, e) == 0)
		return 0;
	fs_close(fd);
	return -(int)e->code;
}

int git_child_receive(struct git_child *c, struct git_message *m, struct err *e)
{
	AUTO_FD fd = -1;

	return git_child_receive_with(c, m, &fd, e);
}

int git_child_expect(struct git_child *c, enum git_message_type type, struct git_message *m,
		     struct err *e)
{
	if (git_child_receive(c, m, e) < 0)
		return -(int)e->code;
	if (m->type == GIT_MSG_ABORT)
		return err_set(e, ERR_CONFLICT, "%s", m->text);
	if (m->type != (uint32_t)type)
		return err_set(e, ERR_INTERNAL, "git.sock: message %u where %u is due", m->type,
			       (unsigned int)type);
	return 0;
}

struct git_command git_child_command(const struct git_child *c, const char *const *args)
{
	return (struct git_command){ .config_path = c->config_path,
				     .repo_path = c->repo,
				     .args = args,
				     .in = GIT_FD_NULL,
				     .out = GIT_FD_NULL,
				     .err = GIT_FD_NULL,
				     .keep = -1 };
}

char *git_child_path(struct git_child *c, const char *format, ...)
{
	struct buf b;
	va_list args;
	char *path;

	buf_init(&b, PATH_MAX);
	buf_addf(&b, "%s/", c->repo);
	va_start(args, format);
	buf_vaddf(&b, format, args);
	va_end(args);
	path = arena_cstr(c->arena, buf_str(&b));
	buf_fini(&b);
	return path;
}
