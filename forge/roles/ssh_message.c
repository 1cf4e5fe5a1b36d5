/* See ssh_message.h. */
#include "roles/ssh_message.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

void ssh_ask_init(struct ssh_ask *ask, enum ssh_ask_kind kind, uint32_t channel, uint32_t serial)
{
	*ask = (struct ssh_ask){ .magic = SSH_MESSAGE_MAGIC,
				 .version = SSH_MESSAGE_VERSION,
				 .kind = (uint32_t)kind,
				 .channel = channel,
				 .serial = serial };
}

void ssh_answer_init(struct ssh_answer *answer, enum ssh_answer_kind kind, uint32_t channel,
		     uint32_t serial)
{
	*answer = (struct ssh_answer){ .magic = SSH_MESSAGE_MAGIC,
				       .version = SSH_MESSAGE_VERSION,
				       .kind = (uint32_t)kind,
				       .channel = channel,
				       .serial = serial };
}

void ssh_control_init(struct ssh_control *control, enum ssh_control_kind kind, uint64_t id)
{
	*control = (struct ssh_control){ .magic = SSH_MESSAGE_MAGIC,
					 .version = SSH_MESSAGE_VERSION,
					 .kind = (uint32_t)kind,
					 .id = id };
}

void ssh_answer_say(struct ssh_answer *answer, struct str text)
{
	if (text.n >= sizeof(answer->text)) {
		text = str_upto(text, sizeof(answer->text) - 1);
		/* Not in the middle of a character: its later bytes are 10xxxxxx. */
		while (text.n > 0 && ((unsigned char)text.p[text.n - 1] & 0x80) != 0)
			text.n--;
	}
	memset(answer->text, 0, sizeof(answer->text));
	if (text.n > 0)
		memcpy(answer->text, text.p, text.n);
}

static bool ends_inside(const char *text, size_t room)
{
	return memchr(text, '\0', room) != NULL;
}

static int refuse(struct err *e, const char *what)
{
	return err_set(e, ERR_INVALID, "ssh message: %s", what);
}

int ssh_ask_check(const void *p, size_t n, struct ssh_ask *ask, struct err *e)
{
	struct ssh_ask got;

	if (n != sizeof(got))
		return refuse(e, "wrong size");
	memcpy(&got, p, sizeof(got));
	if (got.magic != SSH_MESSAGE_MAGIC || got.version != SSH_MESSAGE_VERSION)
		return refuse(e, "another version");
	if (got.kind < SSH_ASK_KEY || got.kind > SSH_ASK_HANGUP)
		return refuse(e, "unknown kind");
	if (got.channel >= SSH_MESSAGE_CHANNELS)
		return refuse(e, "no such channel");
	if (got.proved > 1 || got.protocol > 2)
		return refuse(e, "value out of range");
	if (!ends_inside(got.text, sizeof(got.text)))
		return refuse(e, "text without an end");
	*ask = got;
	return 0;
}

/* How many descriptors come with an answer. */
static size_t fds_of(const struct ssh_answer *answer)
{
	if (answer->kind != SSH_ANSWER_EXEC)
		return 0;
	if (answer->verdict == SSH_VERDICT_STREAM)
		return 3;
	return answer->verdict == SSH_VERDICT_SERVE ? 1 : 0;
}

static bool verdict_fits(const struct ssh_answer *answer)
{
	switch (answer->kind) {
	case SSH_ANSWER_KEY:
		return answer->verdict == SSH_VERDICT_NO || answer->verdict == SSH_VERDICT_YES;
	case SSH_ANSWER_EXEC:
		return answer->verdict == SSH_VERDICT_NO || answer->verdict == SSH_VERDICT_SAY ||
		       answer->verdict == SSH_VERDICT_SERVE ||
		       answer->verdict == SSH_VERDICT_STREAM;
	default:
		return answer->verdict == 0;
	}
}

int ssh_answer_check(const void *p, size_t n, size_t fd_count, struct ssh_answer *answer,
		     struct err *e)
{
	struct ssh_answer got;

	if (n != sizeof(got))
		return refuse(e, "wrong size");
	memcpy(&got, p, sizeof(got));
	if (got.magic != SSH_MESSAGE_MAGIC || got.version != SSH_MESSAGE_VERSION)
		return refuse(e, "another version");
	if (got.kind < SSH_ANSWER_KEY || got.kind > SSH_ANSWER_DRAIN)
		return refuse(e, "unknown kind");
	if (got.channel >= SSH_MESSAGE_CHANNELS)
		return refuse(e, "no such channel");
	if (!verdict_fits(&got) || got.status > 255 || got.service > 3)
		return refuse(e, "value out of range");
	if (fds_of(&got) != fd_count)
		return refuse(e, "wrong number of descriptors");
	if (!ends_inside(got.text, sizeof(got.text)))
		return refuse(e, "text without an end");
	*answer = got;
	return 0;
}

int ssh_control_check(const void *p, size_t n, struct ssh_control *control, struct err *e)
{
	struct ssh_control got;

	if (n != sizeof(got))
		return refuse(e, "wrong size");
	memcpy(&got, p, sizeof(got));
	if (got.magic != SSH_MESSAGE_MAGIC || got.version != SSH_MESSAGE_VERSION)
		return refuse(e, "another version");
	if (got.kind < SSH_CONTROL_CONNECTION || got.kind > SSH_CONTROL_DRAIN)
		return refuse(e, "unknown kind");
	if (!ends_inside(got.address, sizeof(got.address)))
		return refuse(e, "address without an end");
	*control = got;
	return 0;
}

/* Room for the descriptors of one packet, aligned as the kernel wants it. */
union fd_room {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int) * SSH_MESSAGE_FDS_MAX)];
};

int ssh_packet_send(int socket, const void *p, size_t n, const int *fds, size_t fd_count,
		    struct err *e)
{
	union fd_room room = { 0 };
	/* sendmsg does not write through iov_base, but the struct is shared with recvmsg. */
	struct iovec iov = { (void *)(uintptr_t)p, n };
	struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t sent;

	ASSERT(fd_count <= SSH_MESSAGE_FDS_MAX);
	if (fd_count > 0) {
		struct cmsghdr *header;

		message.msg_control = room.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(header), fds, sizeof(int) * fd_count);
	}
	do {
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return err_errno(e, errno, "send ssh message");
	return 0;
}

/* Takes the descriptors out of what came; false if there were too many. */
static bool take_fds(struct msghdr *message, int fds[SSH_MESSAGE_FDS_MAX], size_t *fd_count)
{
	bool fits = true;

	*fd_count = 0;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(message); h; h = CMSG_NXTHDR(message, h)) {
		size_t count;

		if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
			continue;
		count = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(h) + i * sizeof(int), sizeof(int));
			if (*fd_count < SSH_MESSAGE_FDS_MAX) {
				fds[(*fd_count)++] = fd;
				continue;
			}
			close(fd);
			fits = false;
		}
	}
	return fits;
}

static int drop_fds(const int *fds, size_t *fd_count, struct err *e, const char *why)
{
	for (size_t i = 0; i < *fd_count; i++)
		close(fds[i]);
	*fd_count = 0;
	return refuse(e, why);
}

int ssh_packet_receive(int socket, void *p, size_t room, size_t *n, int fds[SSH_MESSAGE_FDS_MAX],
		       size_t *fd_count, struct err *e)
{
	union fd_room control;
	struct iovec iov = { p, room };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control.bytes,
				  .msg_controllen = sizeof(control.bytes) };
	ssize_t got;

	*fd_count = 0;
	do {
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == ECONNRESET)
		got = 0;
	if (got < 0)
		return err_errno(e, errno, "receive ssh message");
	if (!take_fds(&message, fds, fd_count) ||
	    (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return drop_fds(fds, fd_count, e, "too large");
	*n = (size_t)got;
	return 0;
}
