/*
 * One poll loop over the listening socket, SIGCHLD, and one slot a connection:
 *
 *	FREE -> NEW (accepted, request awaited) -> WAITING (for admission)
 *	     -> RUNNING (forked) -> FREE (reaped)
 *
 * The copy of the connection kept while RUNNING serves only to see the
 * hang-up, and to send DONE for a process that cannot any more.
 */
#include "roles/git_zygote.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "git/layout.h"
#include "roles/git_admission.h"
#include "roles/git_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#define SLOTS_MAX 512
#define REQUEST_WAIT_MS 5000
#define QUEUE_WAIT_MS 15000
#define FIXED_FDS 3

enum slot_state { SLOT_FREE, SLOT_NEW, SLOT_WAITING, SLOT_RUNNING };

struct slot {
	enum slot_state state;
	int fd;
	int streams[GIT_STREAMS_MAX];
	size_t stream_count;
	struct git_request rq;
	pid_t pid;
	uint64_t order;      /* of arrival, for the queue */
	int64_t since_ms;    /* of the present state */
	int64_t deadline_ms; /* of the present state */
	bool is_killed;
	bool is_late;
};

struct zygote {
	const struct git_zygote_options *options;
	const struct git_sandbox *sandbox;
	struct arena *arena;
	const char *config_path;
	char socket_path[PATH_MAX];
	ino_t socket_inode; /* of our own; a reload puts the next zygote's in its place */
	int listen_fd;
	int child_fd; /* signalfd of SIGCHLD */
	size_t cores;
	uint64_t arrivals;
	bool is_stopping;
	int64_t stop_deadline_ms;
	struct slot slots[SLOTS_MAX];
};

static void free_slot(struct slot *s)
{
	fs_close(&s->fd);
	for (size_t i = 0; i < s->stream_count; i++)
		fs_close(&s->streams[i]);
	memset(s, 0, sizeof(*s));
	s->fd = -1;
}

/* The answer of a slot that has no process to answer. The front may be gone: never blocks. */
static void answer(struct slot *s, enum err_code code, const char *text)
{
	struct git_message done = git_message_of(GIT_MSG_DONE);

	done.number = code;
	git_message_set_text(&done, str_c(text));
	if (send(s->fd, &done, sizeof(done), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;
}

static void refuse_busy(struct zygote *z, struct slot *s, const char *reason)
{
	struct err e = { 0 };
	int code = err_set(&e, ERR_BUSY, "Busy: %s. Nothing was changed; try again in a moment.",
			   reason);

	LOG(z->options->log, LOG_WARN, "git_busy",
	    F_C("operation", git_op_word((enum git_op)s->rq.op)),
	    F_INT("project", s->rq.project_id), F_INT("user", s->rq.user_id),
	    F_C("request_id", s->rq.request_id), F_C("reason", reason));
	answer(s, (enum err_code) - code, e.text);
	free_slot(s);
}

static struct slot *find_slot(struct zygote *z, enum slot_state state)
{
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (z->slots[i].state == state)
			return &z->slots[i];
	return NULL;
}

/* Only processes of the same user, or root, have any business here. */
static bool is_trusted_peer(int fd)
{
	struct ucred peer;
	socklen_t n = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

/* False if nobody waits. */
static bool accept_one(struct zygote *z)
{
	struct slot overflow = { .state = SLOT_NEW };
	struct slot *s;
	int fd = accept4(z->listen_fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return false;
	if (!is_trusted_peer(fd)) {
		LOG(z->options->log, LOG_ERROR, "git_stranger", F_C("socket", z->socket_path));
		close(fd);
		return true;
	}
	s = find_slot(z, SLOT_FREE);
	if (!s) {
		overflow.fd = fd;
		refuse_busy(z, &overflow, "the queue of git operations is full");
		return true;
	}
	s->state = SLOT_NEW;
	s->fd = fd;
	s->order = ++z->arrivals;
	s->deadline_ms = clock_monotonic_ms() + REQUEST_WAIT_MS;
	return true;
}

static unsigned int bits(uint32_t streams)
{
	return (streams & 1u) + ((streams >> 1) & 1u) + ((streams >> 2) & 1u);
}

static void take_request(struct zygote *z, struct slot *s)
{
	char room[sizeof(struct git_request) + 1];
	struct str bytes;
	struct err e = { 0 };

	if (git_packet_receive(s->fd, room, sizeof(room), &bytes, s->streams, &s->stream_count,
			       &e) < 0 ||
	    git_request_parse(bytes, &s->rq, &e) < 0 || bits(s->rq.streams) != s->stream_count) {
		if (e.code != ERR_GONE) {
			LOG(z->options->log, LOG_ERROR, "git_request", F_ERR(&e));
			answer(s, ERR_INTERNAL, e.text);
		}
		free_slot(s);
		return;
	}
	s->state = SLOT_WAITING;
	s->since_ms = clock_monotonic_ms();
	s->deadline_ms = s->since_ms + QUEUE_WAIT_MS;
}

static const char *why_not_now(const struct zygote *z, const struct slot *candidate)
{
	struct git_admission_counts counts = { 0 };

	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (z->slots[i].state == SLOT_RUNNING)
			git_admission_count(&counts, &candidate->rq, &z->slots[i].rq);
	return git_admission_refusal(&candidate->rq, &counts, z->cores);
}

static void start_operation(struct zygote *z, struct slot *s)
{
	const struct git_child_start start = { &s->rq,     z->options->data, z->config_path,
					       z->sandbox, getpid(),         s->fd,
					       s->streams, s->stream_count };
	pid_t pid = fork();

	if (pid == 0)
		git_child_run(&start);
	if (pid < 0) {
		refuse_busy(z, s, "the server cannot start another process");
		return;
	}
	setpgid(pid, pid); /* as the child does: whoever is first */
	for (size_t i = 0; i < s->stream_count; i++)
		fs_close(&s->streams[i]);
	s->stream_count = 0;
	s->state = SLOT_RUNNING;
	s->pid = pid;
	s->since_ms = clock_monotonic_ms();
	s->deadline_ms = s->since_ms + 1000 * (int64_t)git_op_wall_seconds((enum git_op)s->rq.op);
}

/* The oldest that may start now; one that must wait does not hold up the others. */
static struct slot *next_to_start(struct zygote *z)
{
	struct slot *first = NULL;

	for (size_t i = 0; i < SLOTS_MAX; i++) {
		struct slot *s = &z->slots[i];

		if (s->state == SLOT_WAITING && (!first || s->order < first->order) &&
		    !why_not_now(z, s))
			first = s;
	}
	return first;
}

static void admit(struct zygote *z)
{
	struct slot *s;

	while ((s = next_to_start(z)))
		start_operation(z, s);
}

static void kill_operation(struct slot *s)
{
	kill(-s->pid, SIGKILL);
	kill(s->pid, SIGKILL);
	s->is_killed = true;
}

static void expire(struct zygote *z, struct slot *s, int64_t now)
{
	if (s->state == SLOT_FREE || s->is_killed || now < s->deadline_ms)
		return;
	if (s->state == SLOT_NEW) {
		free_slot(s);
	} else if (s->state == SLOT_WAITING) {
		const char *reason = why_not_now(z, s);

		refuse_busy(z, s, reason ? reason : "the server could not start it in time");
	} else {
		s->is_late = true;
		kill_operation(s);
	}
}

static void log_end(struct zygote *z, const struct slot *s, const char *end,
		    const struct rusage *use)
{
	int64_t cpu = (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000 +
		      (use->ru_utime.tv_usec + use->ru_stime.tv_usec) / 1000;

	LOG(z->options->log, LOG_INFO, "git_operation",
	    F_C("operation", git_op_word((enum git_op)s->rq.op)),
	    F_INT("project", s->rq.project_id), F_INT("user", s->rq.user_id),
	    F_C("request_id", s->rq.request_id), F_C("end", end),
	    F_INT("ms", clock_monotonic_ms() - s->since_ms), F_INT("cpu_ms", cpu),
	    F_INT("rss_kib", use->ru_maxrss));
}

static void finish(struct zygote *z, struct slot *s, int status, const struct rusage *use)
{
	const char *end = "done";

	/* A front hangs up after DONE too: how the process ended says which it was. */
	if (WIFEXITED(status) && WEXITSTATUS(status) <= 1) {
		if (WEXITSTATUS(status) == 1)
			end = "refused";
	} else if (s->is_late) {
		end = "late";
		answer(s, ERR_TIMEOUT, "the git operation took longer than its limit");
	} else if (s->is_killed) {
		end = "hung up";
	} else {
		end = "crashed";
		answer(s, ERR_INTERNAL, "the git operation crashed");
		LOG(z->options->log, LOG_ERROR, "git_crash",
		    F_C("operation", git_op_word((enum git_op)s->rq.op)),
		    F_INT("project", s->rq.project_id), F_C("request_id", s->rq.request_id),
		    F_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0));
	}
	log_end(z, s, end, use);
	free_slot(s);
}

/* What is left of the group is killed while the leader is still unreaped and its id ours. */
static void reap(struct zygote *z)
{
	struct signalfd_siginfo ignored;
	siginfo_t info = { 0 };

	while (read(z->child_fd, &ignored, sizeof(ignored)) > 0)
		continue;
	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
		pid_t pid = info.si_pid;
		struct rusage use = { 0 };
		int status = 0;

		for (size_t i = 0; i < SLOTS_MAX; i++)
			if (z->slots[i].state == SLOT_RUNNING && z->slots[i].pid == pid)
				kill(-pid, SIGKILL);
		if (wait4(pid, &status, 0, &use) == pid)
			for (size_t i = 0; i < SLOTS_MAX; i++)
				if (z->slots[i].state == SLOT_RUNNING && z->slots[i].pid == pid)
					finish(z, &z->slots[i], status, &use);
		info.si_pid = 0;
	}
}

static void serve_slot(struct zygote *z, struct slot *s, short events)
{
	if (s->state == SLOT_NEW) {
		take_request(z, s);
	} else if (events & (POLLRDHUP | POLLHUP | POLLERR)) {
		if (s->state == SLOT_RUNNING)
			kill_operation(s);
		else
			free_slot(s);
	}
}

static bool is_idle(const struct zygote *z)
{
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (z->slots[i].state != SLOT_FREE)
			return false;
	return true;
}

static void begin_stop(struct zygote *z)
{
	struct stat st;

	z->is_stopping = true;
	z->stop_deadline_ms = clock_monotonic_ms() + z->options->drain_ms;
	/* Whoever is connected already is served; the name may be the next zygote's by now. */
	while (accept_one(z))
		;
	fs_close(&z->listen_fd);
	if (lstat(z->socket_path, &st) == 0 && st.st_ino == z->socket_inode)
		unlink(z->socket_path);
}

static void kill_all(struct zygote *z)
{
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		if (z->slots[i].state == SLOT_RUNNING)
			kill_operation(&z->slots[i]);
		else if (z->slots[i].state != SLOT_FREE)
			free_slot(&z->slots[i]);
	}
}

static void fill_poll(const struct zygote *z, struct pollfd fds[FIXED_FDS + SLOTS_MAX])
{
	fds[0] = (struct pollfd){ .fd = z->listen_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = z->child_fd, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = z->is_stopping ? -1 : z->options->stop_fd,
				  .events = POLLIN };
	for (size_t i = 0; i < SLOTS_MAX; i++) {
		const struct slot *s = &z->slots[i];

		fds[FIXED_FDS + i] =
			(struct pollfd){ .fd = s->state == SLOT_FREE || s->is_killed ? -1 : s->fd,
					 .events = s->state == SLOT_NEW ? POLLIN | POLLRDHUP
									: POLLRDHUP };
	}
}

static void serve_clock(struct zygote *z)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < SLOTS_MAX; i++)
		expire(z, &z->slots[i], now);
	if (z->is_stopping && now >= z->stop_deadline_ms)
		kill_all(z);
}

static int poll_once(struct zygote *z, struct err *e)
{
	struct pollfd fds[FIXED_FDS + SLOTS_MAX];

	fill_poll(z, fds);
	if (poll(fds, FIXED_FDS + SLOTS_MAX, is_idle(z) ? -1 : 250) < 0 && errno != EINTR)
		return err_errno(e, errno, "poll");
	/* Who has ended by itself is not killed any more. */
	if (fds[1].revents)
		reap(z);
	for (size_t i = 0; i < SLOTS_MAX; i++)
		if (fds[FIXED_FDS + i].fd >= 0 && fds[FIXED_FDS + i].revents &&
		    z->slots[i].state != SLOT_FREE)
			serve_slot(z, &z->slots[i], fds[FIXED_FDS + i].revents);
	if (fds[0].fd >= 0 && fds[0].revents)
		(void)accept_one(z);
	if (fds[2].fd >= 0 && fds[2].revents)
		begin_stop(z);
	serve_clock(z);
	admit(z);
	return 0;
}

static int listen_on(struct zygote *z, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;

	if (git_socket_path(z->socket_path, z->options->run, e) < 0)
		return -(int)e->code;
	/* Made beside and renamed: on a reload there is always one that answers. */
	if (snprintf(address.sun_path, sizeof(address.sun_path), "%s.new", z->socket_path) >=
	    (int)sizeof(address.sun_path))
		return err_set(e, ERR_INTERNAL, "%s is too long", z->socket_path);
	unlink(address.sun_path);
	z->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (z->listen_fd < 0 ||
	    bind(z->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    chmod(address.sun_path, 0600) < 0 || listen(z->listen_fd, 256) < 0 ||
	    lstat(address.sun_path, &st) < 0 || rename(address.sun_path, z->socket_path) < 0)
		return err_errno(e, errno, "listen on %s", z->socket_path);
	z->socket_inode = st.st_ino;
	return 0;
}

static int watch_children(struct zygote *z, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* git's own children are reaped here if it dies before them. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	z->child_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return z->child_fd < 0 ? err_errno(e, errno, "signalfd") : 0;
}

static int open_all(struct zygote *z, struct err *e)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	z->cores = cores > 0 ? (size_t)cores : 1;
	z->config_path = arena_strf(z->arena, "%s/git.config", z->options->run);
	if (git_sandbox_prepare(z->options->sandbox, z->arena, &z->sandbox, e) < 0 ||
	    git_config_write(z->config_path, e) < 0 || watch_children(z, e) < 0)
		return -(int)e->code;
	LOG(z->options->log, LOG_INFO, "git_sandbox",
	    F_C("sandbox", git_sandbox_summary(z->sandbox)));
	return listen_on(z, e);
}

int git_zygote_run(const struct git_zygote_options *options, struct err *e)
{
	struct zygote *z = MEM_NEW(struct zygote);
	int failed;

	z->options = options;
	z->arena = arena_open(0);
	z->listen_fd = z->child_fd = -1;
	for (size_t i = 0; i < SLOTS_MAX; i++)
		z->slots[i].fd = -1;
	failed = open_all(z, e);
	if (!failed && options->ready)
		options->ready(options->ready_closure);
	while (!failed && !(z->is_stopping && is_idle(z)))
		failed = poll_once(z, e);
	kill_all(z);
	fs_close(&z->listen_fd);
	fs_close(&z->child_fd);
	arena_close(z->arena);
	mem_free(z);
	return failed;
}
