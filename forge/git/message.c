#include "git/message.h"

#include "base/fs.h"

#include <errno.h>
#include <sys/socket.h>

static const char *const op_words[] = {
#define GIT_OP_WORD(name, word, seconds, class) [GIT_OP_##name] = word,
	GIT_OPERATIONS(GIT_OP_WORD)
#undef GIT_OP_WORD
};

const char *git_op_word(enum git_op op)
{
	ASSERT((size_t)op < ARRAY_LEN(op_words));
	return op_words[op];
}

static bool is_text(const char *field, size_t room)
{
	return memchr(field, '\0', room) != NULL;
}

static bool is_oid_or_empty(const char field[static GIT_OID_TEXT])
{
	unsigned char bytes[20];

	if (!is_text(field, GIT_OID_TEXT))
		return false;
	return field[0] == '\0' || str_to_bytes(str_c(field), bytes, sizeof(bytes));
}

static int broken(struct err *e, const char *what)
{
	return err_set(e, ERR_INTERNAL, "git.sock: %s", what);
}

int git_request_parse(struct str bytes, struct git_request *rq, struct err *e)
{
	struct git_request r;

	if (bytes.n != sizeof(r))
		return broken(e, "a request of the wrong size");
	memcpy(&r, bytes.p, sizeof(r));
	if (r.version != GIT_MESSAGE_VERSION)
		return broken(e, "a request of another version");
	if (r.op >= GIT_OP_COUNT)
		return broken(e, "a request for an unknown operation");
	if (r.streams > (GIT_STREAM_IN | GIT_STREAM_OUT | GIT_STREAM_ERR))
		return broken(e, "a request with unknown streams");
	if (r.project_id < 0 || (r.project_id == 0) != (r.op == GIT_OP_RENDER))
		return broken(e, "a request without a project");
	if (r.user_id < -1 || r.limits.max_pack_bytes < 0 || r.limits.max_file_bytes < 0 ||
	    r.limits.max_commands < 0)
		return broken(e, "a request with negative numbers");
	if (!is_text(r.request_id, sizeof(r.request_id)) || !is_text(r.name, sizeof(r.name)) ||
	    !is_text(r.text, sizeof(r.text)))
		return broken(e, "a request with unended text");
	*rq = r;
	return 0;
}

static bool is_known_type(uint32_t type)
{
	return (type >= GIT_MSG_STARTED && type <= GIT_MSG_DONE) ||
	       (type >= GIT_MSG_CHANGE && type <= GIT_MSG_READ);
}

int git_message_parse(struct str bytes, struct git_message *m, struct err *e)
{
	struct git_message r;

	if (bytes.n != sizeof(r))
		return broken(e, "a message of the wrong size");
	memcpy(&r, bytes.p, sizeof(r));
	if (r.version != GIT_MESSAGE_VERSION || !is_known_type(r.type))
		return broken(e, "a message of unknown version or type");
	if (!is_text(r.name, sizeof(r.name)) || !is_text(r.text, sizeof(r.text)))
		return broken(e, "a message with unended text");
	if (!is_oid_or_empty(r.old_oid) || !is_oid_or_empty(r.new_oid))
		return broken(e, "a message with an object name that is none");
	*m = r;
	return 0;
}

struct git_message git_message_of(enum git_message_type type)
{
	struct git_message m;

	/* memset, so that no padding carries old memory to another process. */
	memset(&m, 0, sizeof(m));
	m.version = GIT_MESSAGE_VERSION;
	m.type = type;
	return m;
}

void git_message_set_text(struct git_message *m, struct str text)
{
	size_t n = text.n;

	if (n > sizeof(m->text) - 1) {
		n = sizeof(m->text) - 1;
		while (n > 0 && ((unsigned char)text.p[n] & 0xC0) == 0x80)
			n--;
	}
	memset(m->text, 0, sizeof(m->text));
	if (n > 0)
		memcpy(m->text, text.p, n);
}

int git_packet_send(int socket_fd, struct str bytes, const int *fds, size_t fd_count, struct err *e)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * GIT_STREAMS_MAX)];
	} control;
	struct iovec part = { .iov_len = bytes.n };
	struct msghdr packet = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	ASSERT(fd_count <= GIT_STREAMS_MAX);
	memcpy(&part.iov_base, &bytes.p, sizeof(part.iov_base));
	if (fd_count > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		packet.msg_control = control.room;
		packet.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		c = CMSG_FIRSTHDR(&packet);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
	}
	do
		sent = sendmsg(socket_fd, &packet, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent == (ssize_t)bytes.n)
		return 0;
	if (sent < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN))
		return err_set(e, ERR_GONE, "git.sock: the other side hung up");
	return err_errno(e, sent < 0 ? errno : EMSGSIZE, "git.sock: send");
}

/* Moves the received descriptors out; more than GIT_STREAMS_MAX cannot fit the room for them. */
static size_t take_descriptors(struct msghdr *packet, int fds[static GIT_STREAMS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(packet); c; c = CMSG_NXTHDR(packet, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (count < GIT_STREAMS_MAX)
				fds[count++] = fd;
			else
				fs_close(&fd);
		}
	}
	return count;
}

static void close_all(int *fds, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		fs_close(&fds[i]);
	*count = 0;
}

int git_packet_receive(int socket_fd, char *room, size_t room_size, struct str *bytes,
		       int fds[static GIT_STREAMS_MAX], size_t *fd_count, struct err *e)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * GIT_STREAMS_MAX)];
	} control;
	struct iovec part = { .iov_base = room, .iov_len = room_size };
	struct msghdr packet = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.room,
				 .msg_controllen = sizeof(control.room) };
	ssize_t got;

	*fd_count = 0;
	do
		got = recvmsg(socket_fd, &packet, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got == 0 || (got < 0 && errno == ECONNRESET))
		return err_set(e, ERR_GONE, "git.sock: the other side hung up");
	if (got < 0)
		return err_errno(e, errno, "git.sock: receive");
	*fd_count = take_descriptors(&packet, fds);
	if (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		close_all(fds, fd_count);
		return broken(e, "a packet that is too large");
	}
	*bytes = str_n(room, (size_t)got);
	return 0;
}
