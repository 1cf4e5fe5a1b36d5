/*
 * "READY=1" from the roles over a datagram socket, as systemd's sd_notify; the
 * kernel says which process sent it.
 */
#include "roles/supervisor_private.h"

#include "base/fs.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

int notify_open(struct supervisor *s, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int on = 1;

	s->notify_path = arena_strf(s->arena, "%s/notify.sock", s->app->run);
	if (!str_copy(at.sun_path, sizeof(at.sun_path), str_c(s->notify_path)))
		return err_set(e, ERR_INTERNAL, "%s is too long for a socket", s->notify_path);
	s->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)!unlink(s->notify_path);
	if (s->notify_fd < 0 ||
	    setsockopt(s->notify_fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    bind(s->notify_fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return err_errno(e, errno, "listen on %s", s->notify_path);
	if (geteuid() == 0 && chown(s->notify_path, s->app->owner->uid, s->app->owner->gid) < 0)
		return err_errno(e, errno, "give %s to %s", s->notify_path, s->app->owner->name);
	return 0;
}

static pid_t sender(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct ucred who;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
			continue;
		memcpy(&who, CMSG_DATA(c), sizeof(who));
		return who.pid;
	}
	return 0;
}

void notify_read(struct supervisor *s)
{
	for (;;) {
		char words[256];
		char control[CMSG_SPACE(sizeof(struct ucred))];
		struct iovec part = { words, sizeof(words) };
		struct msghdr m = { .msg_iov = &part,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(s->notify_fd, &m, MSG_CMSG_CLOEXEC);
		pid_t pid;

		if (n < 0)
			return;
		pid = sender(&m);
		if (!str_starts(str_n(words, (size_t)n), STR("READY=1")))
			continue;
		for (enum part part_at = 0; part_at < PART_COUNT; part_at++) {
			struct process *p = &s->process[part_at];

			if (p->pid == pid && p->state == PROCESS_STARTING)
				p->state = PROCESS_READY;
		}
	}
}
