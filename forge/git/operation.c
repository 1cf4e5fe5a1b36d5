#include "git/operation.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "git/layout.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The zygote answers BUSY after 15 s in its queue; this is for one that does not answer at all. */
#define START_WAIT_MS 20000

struct git_operation {
	int fd;
};

bool git_archive_folder_is_plain(struct str folder)
{
	return folder.n > 0 && folder.n <= 300 && folder.p[0] != '/' && folder.p[0] != '-' &&
	       str_is_utf8_text(folder) && str_find_str(folder, STR("..")) == folder.n &&
	       !str_eq_c(folder, ".") && !str_has(folder, '\\') && !str_has(folder, ':');
}

static int connect_to(const char *run, int *fd, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[PATH_MAX];

	if (git_socket_path(path, run, e) < 0)
		return -(int)e->code;
	if (!str_copy(address.sun_path, sizeof(address.sun_path), str_c(path)))
		return err_set(e, ERR_INTERNAL, "%s is too long", path);
	*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return err_errno(e, errno, "socket");
	while (connect(*fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		int errno_value = errno;

		if (errno_value == EINTR)
			continue;
		fs_close(fd);
		return err_set(e, ERR_UNAVAILABLE, "connect %s: %s", path,
			       strerrordesc_np(errno_value));
	}
	return 0;
}

static int build_request(const struct git_operation_request *r, struct git_request *to,
			 struct err *e)
{
	memset(to, 0, sizeof(*to));
	to->version = GIT_MESSAGE_VERSION;
	to->op = r->op;
	to->flags = r->flags;
	to->project_id = r->project_id;
	to->user_id = r->user_id;
	to->limits = r->limits;
	if (!str_copy(to->request_id, sizeof(to->request_id),
		      str_upto(str_c(r->request_id ? r->request_id : ""),
			       sizeof(to->request_id) - 1)))
		to->request_id[0] = '\0';
	if (!str_copy(to->name, sizeof(to->name), str_c(r->name ? r->name : "")) ||
	    !str_copy(to->text, sizeof(to->text), str_c(r->text ? r->text : "")))
		return err_set(e, ERR_INVALID, "A name or path is longer than %d bytes.",
			       GIT_MESSAGE_NAME_MAX - 1);
	return 0;
}

static size_t collect_streams(const struct git_operation_request *r, int fds[GIT_STREAMS_MAX],
			      uint32_t *streams)
{
	const int given[GIT_STREAMS_MAX] = { r->in, r->out, r->err };
	size_t count = 0;

	*streams = 0;
	for (unsigned int i = 0; i < GIT_STREAMS_MAX; i++) {
		if (given[i] < 0)
			continue;
		*streams |= 1u << i;
		fds[count++] = given[i];
	}
	return count;
}

/* Waits for STARTED. */
static int await_start(struct git_operation *op, struct err *e)
{
	struct pollfd p = { .fd = op->fd, .events = POLLIN };
	struct git_message m;
	bool is_done;
	int ready;

	do
		ready = poll(&p, 1, START_WAIT_MS);
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return err_set(e, ERR_UNAVAILABLE, "the git zygote does not answer");
	if (git_operation_next(op, &m, &is_done, e) < 0)
		return -(int)e->code;
	if (is_done || m.type != GIT_MSG_STARTED)
		return err_set(e, ERR_INTERNAL, "git.sock: an answer out of order");
	return 0;
}

int git_operation_start(const char *run, const struct git_operation_request *request,
			struct git_operation **op, struct err *e)
{
	struct git_request message;
	struct git_operation *made;
	int fds[GIT_STREAMS_MAX];
	size_t fd_count;
	int fd;

	if (build_request(request, &message, e) < 0 || connect_to(run, &fd, e) < 0)
		return -(int)e->code;
	made = MEM_NEW(struct git_operation);
	made->fd = fd;
	fd_count = collect_streams(request, fds, &message.streams);
	if (git_packet_send(fd, str_n((const char *)&message, sizeof(message)), fds, fd_count, e) <
		    0 ||
	    await_start(made, e) < 0) {
		git_operation_close(made);
		if (e->code == ERR_GONE)
			return err_set(e, ERR_UNAVAILABLE, "the git zygote hung up");
		return -(int)e->code;
	}
	*op = made;
	return 0;
}

void git_operation_close(struct git_operation *op)
{
	if (!op)
		return;
	fs_close(&op->fd);
	mem_free(op);
}

void git_operation_cancel(struct git_operation *op)
{
	shutdown(op->fd, SHUT_RDWR);
}

int git_operation_fd(const struct git_operation *op)
{
	return op->fd;
}

/* The operation's own result, with its own sentence. */
static int result_of(const struct git_message *done, struct err *e)
{
	if (done->number <= ERR_NONE || done->number > ERR_INTERNAL)
		return 0;
	return err_set(e, (enum err_code)done->number, "%s", done->text);
}

int git_operation_next(struct git_operation *op, struct git_message *m, bool *is_done,
		       struct err *e)
{
	char room[sizeof(struct git_message) + 1];
	int fds[GIT_STREAMS_MAX];
	struct str bytes;
	size_t fd_count;

	*is_done = false;
	if (git_packet_receive(op->fd, room, sizeof(room), &bytes, fds, &fd_count, e) < 0) {
		*is_done = true;
		if (e->code == ERR_GONE)
			return err_set(e, ERR_GONE, "The git operation was ended.");
		return -(int)e->code;
	}
	for (size_t i = 0; i < fd_count; i++)
		fs_close(&fds[i]);
	if (git_message_parse(bytes, m, e) < 0) {
		*is_done = true;
		return -(int)e->code;
	}
	*is_done = m->type == GIT_MSG_DONE;
	return *is_done ? result_of(m, e) : 0;
}

int git_operation_send(struct git_operation *op, const struct git_message *m, struct err *e)
{
	return git_packet_send(op->fd, str_n((const char *)m, sizeof(*m)), NULL, 0, e);
}

static int ask(struct git_operation *op, const struct git_question *q, int file, struct err *e)
{
	struct git_message m = git_message_of(GIT_MSG_READ);

	m.number = q->what;
	m.number2 = i64_from_size(q->limit);
	m.flags = q->from_base ? GIT_READ_BASE : 0;
	if (!str_copy(m.name, sizeof(m.name), q->name))
		return err_set(e, ERR_NOT_FOUND, "There is no file by so long a path here.");
	if (!str_copy(m.new_oid, sizeof(m.new_oid), q->commit) ||
	    !str_copy(m.old_oid, sizeof(m.old_oid), q->other))
		return err_set(e, ERR_INTERNAL, "a question about an object's name that is none");
	return git_packet_send(op->fd, str_n((const char *)&m, sizeof(m)), &file, 1, e);
}

static int await_answer(struct git_operation *op, int64_t deadline_ms, struct git_message *m,
			struct err *e)
{
	struct pollfd p = { .fd = op->fd, .events = POLLIN };
	int64_t left = deadline_ms - clock_monotonic_ms();
	bool is_done;
	int ready;

	do
		ready = poll(&p, 1, left > 0 ? (int)left : 0);
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		return err_set(e, ERR_BUSY,
			       "Reading the pushed files took too long; nothing was changed. Push "
			       "again; if it happens again, ask an administrator to look at the "
			       "server's load.");
	if (git_operation_next(op, m, &is_done, e) < 0)
		return -(int)e->code;
	if (is_done || m->type != GIT_MSG_ANSWER)
		return err_set(e, ERR_INTERNAL, "git.sock: no answer to a question");
	if (m->flags & GIT_ANSWER_OK)
		return 0;
	if (m->number2 <= ERR_NONE || m->number2 > ERR_INTERNAL)
		return err_set(e, ERR_INTERNAL, "git.sock: a failure that has no code");
	return err_set(e, (enum err_code)m->number2, "%s", m->text);
}

/* Read, not mapped: who wrote it could still shorten it. */
static int take_answer(int file, const struct git_message *m, struct arena *a, struct str *bytes,
		       struct err *e)
{
	size_t size = m->number > 0 ? (size_t)m->number : 0;
	char *room;

	if (m->number < 0 || size > GIT_ANSWER_MAX)
		return err_set(e, ERR_INTERNAL, "git.sock: an answer of an impossible size");
	room = arena_alloc(a, size + 1);
	if (pread(file, room, size, 0) != (ssize_t)size)
		return err_set(e, ERR_INTERNAL, "git.sock: an answer that is cut off");
	*bytes = str_n(room, size);
	return 0;
}

int git_operation_read(struct git_operation *op, const struct git_question *question,
		       struct arena *a, struct git_answer *answer, struct err *e)
{
	AUTO_FD file = memfd_create("answer", MFD_CLOEXEC);
	struct git_answer made = { 0 };
	struct git_message m;

	if (file < 0)
		return err_errno(e, errno, "memfd");
	if (ask(op, question, file, e) < 0 || await_answer(op, question->deadline_ms, &m, e) < 0 ||
	    take_answer(file, &m, a, &made.bytes, e) < 0)
		return -(int)e->code;
	made.is_cut = (m.flags & GIT_ANSWER_CUT) != 0;
	made.commit = arena_str(a, str_c(m.new_oid));
	*answer = made;
	return 0;
}

int git_operation_wait(struct git_operation *op, struct err *e)
{
	struct git_message m;
	bool is_done = false;

	while (!is_done)
		if (git_operation_next(op, &m, &is_done, e) < 0)
			return -(int)e->code;
	return 0;
}

int git_operation_run(const char *run, const struct git_operation_request *request, struct err *e)
{
	struct git_operation *op;
	int result;

	if (git_operation_start(run, request, &op, e) < 0)
		return -(int)e->code;
	result = git_operation_wait(op, e);
	git_operation_close(op);
	return result;
}

/* The text goes in and the HTML comes out through memory files: no pipe can fill up. */
static int render_streams(struct str text, int *in, int *out, struct err *e)
{
	*in = memfd_create("text", MFD_CLOEXEC);
	*out = memfd_create("html", MFD_CLOEXEC);
	if (*in < 0 || *out < 0)
		return err_errno(e, errno, "memfd");
	if (fs_write_all(*in, text, e) < 0)
		return -(int)e->code;
	return lseek(*in, 0, SEEK_SET) < 0 ? err_errno(e, errno, "seek") : 0;
}

static int read_html(int fd, struct buf *html, struct err *e)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *room = size >= 0 ? buf_reserve(html, (size_t)size) : NULL;

	if (!room)
		return err_set(e, ERR_TOO_LARGE, "the rendered text is too large");
	if (pread(fd, room, (size_t)size, 0) != size)
		return err_errno(e, errno, "read the rendered text");
	buf_added(html, (size_t)size);
	return 0;
}

int git_render(const char *run, const struct git_render_request *request, struct str text,
	       struct buf *html, struct err *e)
{
	struct arena *a = arena_open(0);
	AUTO_FD in = -1;
	AUTO_FD out = -1;
	struct git_operation_request r = {
		.op = GIT_OP_RENDER,
		.user_id = request->user_id,
		.request_id = request->request_id,
		.flags = request->is_comment ? GIT_FLAG_HARD_BREAKS : 0,
		.err = -1,
		.name = arena_cstr(a, request->folder),
		.text = arena_strf(a, "%.*s\n%.*s", STR_FMT(request->file_base),
				   STR_FMT(request->image_base)),
	};
	int failed = render_streams(text, &in, &out, e);

	r.in = in;
	r.out = out;
	if (!failed)
		failed = git_operation_run(run, &r, e);
	if (!failed)
		failed = read_html(out, html, e);
	arena_close(a);
	return failed;
}
