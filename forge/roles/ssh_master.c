/*
 * See ssh_master.h. Single-threaded by necessity: a process with threads may
 * not fork without exec. It reads nothing a stranger says.
 */
#include "roles/ssh_master.h"

#include "base/clock.h"
#include "base/mem.h"
#include "roles/ssh_child.h"
#include "roles/ssh_message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define CHILD_USER "hearth-ssh"
#define NOT_SIGNED_IN_MAX 64
/* An office or a host of runners behind one address starts that many at once, and honestly. */
#define NOT_SIGNED_IN_PER_ADDRESS_MAX 40
#define REFUSAL_LOG_MS 1000
#define ADDRESS_MAX 64

/* A little more than the child gives itself, for one that stopped caring. */
#define LOGIN_MS ((SSHD_LOGIN_SECONDS + 10) * 1000)

struct slot {
	pid_t pid; /* 0: free */
	uint64_t id;
	char address[ADDRESS_MAX];
	bool is_signed_in;
	int64_t started_ms;
};

struct master {
	const struct ssh_master_options *options;
	struct log log;
	struct sshd_server *server;
	struct slot *slots;
	size_t slot_count;
	size_t used;
	uint64_t last_id;
	int signals;
	bool has_user;
	uid_t uid;
	gid_t gid;
	bool is_draining;
	int64_t refusal_logged_ms;
};

static void find_user(struct master *m)
{
	const struct passwd *found;

	if (geteuid() != 0)
		return;
	found = getpwnam(CHILD_USER);
	if (!found) {
		LOG(&m->log, LOG_WARN, "no such user, ssh children keep the server's",
		    F_C("user", CHILD_USER));
		return;
	}
	m->has_user = true;
	m->uid = found->pw_uid;
	m->gid = found->pw_gid;
}

/* Without the port. IPv4 inside IPv6 counts as the IPv4 address it is. */
static void address_text(const struct sockaddr_storage *from, char to[static ADDRESS_MAX])
{
	const struct sockaddr_in6 *six = (const void *)from;
	const struct sockaddr_in *four = (const void *)from;

	memcpy(to, "unknown", sizeof("unknown"));
	if (from->ss_family == AF_INET)
		(void)inet_ntop(AF_INET, &four->sin_addr, to, ADDRESS_MAX);
	else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		(void)inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, to, ADDRESS_MAX);
	else if (from->ss_family == AF_INET6)
		(void)inet_ntop(AF_INET6, &six->sin6_addr, to, ADDRESS_MAX);
}

/* NULL if this address may have one more connection, else why not. */
static const char *why_not(const struct master *m, const char *address)
{
	int64_t strangers = 0;
	int64_t strangers_here = 0;
	int64_t here = 0;

	for (size_t i = 0; i < m->slot_count; i++) {
		const struct slot *s = &m->slots[i];
		bool is_here = s->pid != 0 && strcmp(s->address, address) == 0;

		if (s->pid == 0)
			continue;
		strangers += !s->is_signed_in;
		strangers_here += !s->is_signed_in && is_here;
		here += is_here;
	}
	if (m->used >= m->slot_count)
		return "connections at once";
	if (here >= m->options->limit_per_address)
		return "connections at once from one address";
	if (strangers >= NOT_SIGNED_IN_MAX)
		return "connections that have not signed in";
	if (strangers_here >= NOT_SIGNED_IN_PER_ADDRESS_MAX)
		return "connections from one address that have not signed in";
	return NULL;
}

/* A client shows lines that come before the version (RFC 4253, 4.2). */
static void turn_away(struct master *m, int client, const char *address, const char *what)
{
	char line[200];
	int n = snprintf(line, sizeof(line), "Hearth: too many %s; try again in a moment.\r\n",
			 what);

	if (clock_monotonic_ms() - m->refusal_logged_ms > REFUSAL_LOG_MS) {
		m->refusal_logged_ms = clock_monotonic_ms();
		LOG(&m->log, LOG_WARN, "ssh connection refused", F_C("ip", address),
		    F_C("limit", what));
	}
	(void)send(client, line, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client);
}

NORETURN static void be_child(struct master *m, int client, int broker, const char *address)
{
	struct ssh_child_options options = { m->server, client, broker, address, &m->log };
	struct err e = { 0 };

	/*
	 * SIGINT and SIGTERM stay blocked: Ctrl-C reaches the whole group, and
	 * whether a transfer may end is the broker's decision.
	 */
	close(m->options->listen_fd);
	close(m->options->control_fd);
	close(m->signals);
	if ((m->has_user && ssh_sandbox_drop_user(m->uid, m->gid, &e) < 0) ||
	    ssh_sandbox_enter(m->options->sandbox, &e) < 0) {
		LOG(&m->log, LOG_ERROR, "ssh child has no sandbox and ends", F_ERR(&e));
		_exit(1);
	}
	ssh_child_run(&options);
	_exit(0);
}

static struct slot *free_slot(struct master *m)
{
	for (size_t i = 0; i < m->slot_count; i++) {
		if (m->slots[i].pid == 0)
			return &m->slots[i];
	}
	return NULL;
}

/* The child's other end goes to the broker. */
static int announce(struct master *m, const struct slot *s, int broker_end, struct err *e)
{
	struct ssh_control control;

	ssh_control_init(&control, SSH_CONTROL_CONNECTION, s->id);
	memcpy(control.address, s->address, sizeof(control.address));
	return ssh_packet_send(m->options->control_fd, &control, sizeof(control), &broker_end, 1,
			       e);
}

static int start_child(struct master *m, int client, const char *address, struct err *e)
{
	struct slot *s = free_slot(m);
	int pair[2];
	int rc;

	ASSERT(s);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	*s = (struct slot){ .id = ++m->last_id, .started_ms = clock_monotonic_ms() };
	memcpy(s->address, address, ADDRESS_MAX);
	s->pid = fork();
	if (s->pid == 0) {
		close(pair[1]);
		be_child(m, client, pair[0], address);
	}
	close(pair[0]);
	if (s->pid < 0) {
		s->pid = 0;
		close(pair[1]);
		return err_errno(e, errno, "fork");
	}
	m->used++;
	rc = announce(m, s, pair[1], e);
	close(pair[1]);
	return rc;
}

static int accept_one(struct master *m, struct err *e)
{
	struct sockaddr_storage from = { 0 };
	socklen_t length = sizeof(from);
	char address[ADDRESS_MAX] = { 0 };
	int client =
		accept4(m->options->listen_fd, (struct sockaddr *)&from, &length, SOCK_CLOEXEC);
	const char *refused;
	int rc;

	/* A client that left again, or a shortage that passes: the next round tries anew. */
	if (client < 0)
		return 0;
	address_text(&from, address);
	refused = why_not(m, address);
	if (refused) {
		turn_away(m, client, address, refused);
		return 0;
	}
	rc = start_child(m, client, address, e);
	close(client);
	return rc;
}

static struct slot *slot_of(struct master *m, pid_t pid)
{
	for (size_t i = 0; i < m->slot_count; i++) {
		if (m->slots[i].pid == pid)
			return &m->slots[i];
	}
	return NULL;
}

static void reap(struct master *m)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	(void)!read(m->signals, &info, sizeof(info));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct slot *s = slot_of(m, pid);

		if (!s)
			continue;
		if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL)
			LOG(&m->log, LOG_ERROR, "ssh child was ended by a signal",
			    F_C("ip", s->address), F_INT("signal", WTERMSIG(status)));
		s->pid = 0;
		m->used--;
	}
}

static int hear_broker(struct master *m, struct err *e)
{
	struct ssh_control raw;
	struct ssh_control control;
	int fds[SSH_MESSAGE_FDS_MAX];
	size_t fd_count;
	size_t n;

	if (ssh_packet_receive(m->options->control_fd, &raw, sizeof(raw), &n, fds, &fd_count, e) <
	    0)
		return -(int)e->code;
	if (n == 0)
		return err_set(e, ERR_GONE, "the broker went away");
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
	if (ssh_control_check(&raw, n, &control, e) < 0)
		return -(int)e->code;
	if (control.kind == SSH_CONTROL_DRAIN)
		m->is_draining = true;
	for (size_t i = 0; control.kind == SSH_CONTROL_SIGNED_IN && i < m->slot_count; i++) {
		if (m->slots[i].pid != 0 && m->slots[i].id == control.id)
			m->slots[i].is_signed_in = true;
	}
	return 0;
}

/* Children that neither signed in nor ended by themselves. */
static void end_overdue(struct master *m)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < m->slot_count; i++) {
		const struct slot *s = &m->slots[i];

		if (s->pid != 0 && !s->is_signed_in && now - s->started_ms > LOGIN_MS)
			kill(s->pid, SIGKILL);
	}
}

static int serve(struct master *m, struct err *e)
{
	while (!m->is_draining || m->used > 0) {
		struct pollfd entries[] = {
			{ m->options->control_fd, POLLIN, 0 },
			{ m->signals, POLLIN, 0 },
			{ m->is_draining ? -1 : m->options->listen_fd, POLLIN, 0 },
		};

		(void)poll(entries, ARRAY_LEN(entries), 1000);
		if (entries[1].revents != 0)
			reap(m);
		if (entries[0].revents != 0 && hear_broker(m, e) < 0)
			return -(int)e->code;
		if (entries[2].revents != 0 && !m->is_draining && accept_one(m, e) < 0)
			return -(int)e->code;
		end_overdue(m);
	}
	return 0;
}

/* Once the keys are read, root is needed for nothing but to make children another user. */
static int give_up_root(const struct master *m, struct err *e)
{
	struct stat owner;

	if (stat(m->options->keys, &owner) < 0)
		return err_errno(e, errno, "look at %s", m->options->keys);
	if (m->has_user && owner.st_uid != 0 &&
	    ssh_sandbox_keep_setuid(owner.st_uid, owner.st_gid, e) < 0)
		return -(int)e->code;
	/* Last: a change of user undoes both. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return err_errno(e, errno, "prctl");
	return 0;
}

static int prepare(struct master *m, struct err *e)
{
	struct err cold = { 0 };
	sigset_t blocked;

	/*
	 * Only SIGCHLD is taken; SIGTERM and SIGINT are the broker's business: it
	 * gets them too (same group, Ctrl-C) and says when to drain.
	 */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	prctl(PR_SET_NAME, "hearth-ssh");
	m->signals = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals < 0)
		return err_errno(e, errno, "signalfd");
	if (m->options->sandbox == SSH_SANDBOX_REQUIRED && !ssh_sandbox_is_possible())
		return err_set(e, ERR_INTERNAL,
			       "git_sandbox is `required`, but this kernel has no seccomp");
	find_user(m);
	m->slot_count = size_from_i64(m->options->limit);
	m->slots = mem_alloc_array(m->slot_count, sizeof(*m->slots));
	if (sshd_server_open(m->options->keys, &m->server, e) < 0)
		return -(int)e->code;
	if (give_up_root(m, e) < 0)
		return -(int)e->code;
	if (sshd_server_warm(m->server, &cold) < 0)
		LOG(&m->log, LOG_WARN, "ssh starts cold", F_ERR(&cold));
	return 0;
}

int ssh_master_serve(const struct ssh_master_options *options)
{
	struct master m = { .options = options,
			    .log = log_to(STDERR_FILENO, options->log_level, "ssh"),
			    .signals = -1 };
	struct err e = { 0 };
	int rc = prepare(&m, &e);

	/* The first line also loads the time zone's file, which children cannot read. */
	LOG(&m.log, LOG_DEBUG, "ssh master started", F_INT("limit", options->limit));
	if (rc == 0)
		rc = serve(&m, &e);
	if (rc < 0 && e.code != ERR_GONE)
		LOG(&m.log, LOG_ERROR, "ssh master ends", F_ERR(&e));
	for (size_t i = 0; i < m.slot_count; i++) {
		if (m.slots && m.slots[i].pid != 0)
			kill(m.slots[i].pid, SIGKILL);
	}
	sshd_server_close(m.server);
	mem_free(m.slots);
	return rc < 0 ? 1 : 0;
}
