/*
 * role_ssh: the broker. Starts the master while it is still what it was
 * started as (root, if the supervisor is), then becomes the data's owner and
 * connects to the database; from then on the main thread only waits.
 */
#include "roles/ssh_broker.h"

#include "base/clock.h"
#include "base/fs.h"
#include "roles/ssh_master.h"
#include "ssh/host_key.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define KILL_WAIT_MS 5000

static int data_owner(const struct app *app, struct stat *owner, struct err *e)
{
	if (stat(app->data, owner) < 0)
		return err_errno(e, errno, "look at %s", app->data);
	return 0;
}

/* The keys are the owner's, so they are made as the owner. */
static int make_keys(const char *folder, const struct stat *owner, struct err *e)
{
	int rc;

	if (geteuid() != 0)
		return host_key_ensure(folder, e);
	if (setegid(owner->st_gid) < 0 || seteuid(owner->st_uid) < 0)
		return err_errno(e, errno, "become the owner of the data");
	rc = host_key_ensure(folder, e);
	if (seteuid(0) < 0 || setegid(0) < 0)
		return err_errno(e, errno, "become root again");
	return rc;
}

static int become_owner(const struct stat *owner, struct err *e)
{
	if (geteuid() != 0 || owner->st_uid == 0)
		return 0;
	if (setgroups(1, &owner->st_gid) < 0 ||
	    setresgid(owner->st_gid, owner->st_gid, owner->st_gid) < 0 ||
	    setresuid(owner->st_uid, owner->st_uid, owner->st_uid) < 0)
		return err_errno(e, errno, "become the owner of the data");
	return 0;
}

static int start_master(struct ssh_broker *b, int listen_fd, const char *keys, struct err *e)
{
	const struct config *config = b->app->config;
	int pair[2];
	struct ssh_master_options options = {
		.listen_fd = listen_fd,
		.keys = keys,
		.sandbox = (enum ssh_sandbox_mode)config->git_sandbox,
		.log_level = b->app->log.least,
		.limit = config->ssh_connection_limit,
		.limit_per_address = config->ssh_connection_limit_per_address,
	};
	int rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	options.control_fd = pair[1];
	b->control = pair[0];
	rc = ssh_master_start(&options, &b->master, e);
	close(pair[1]);
	return rc;
}

/* One packet of the master. */
static int hear_master(struct ssh_broker *b, struct err *e)
{
	struct ssh_control raw;
	struct ssh_control control;
	int fds[SSH_MESSAGE_FDS_MAX];
	size_t fd_count;
	size_t n;

	if (ssh_packet_receive(b->control, &raw, sizeof(raw), &n, fds, &fd_count, e) < 0)
		return -(int)e->code;
	if (n == 0)
		return err_set(e, ERR_GONE, "the ssh master ended");
	if (ssh_control_check(&raw, n, &control, e) < 0)
		return -(int)e->code;
	if (control.kind != SSH_CONTROL_CONNECTION || fd_count != 1)
		return err_set(e, ERR_INVALID, "the ssh master broke the rules");
	/* A shortage of threads costs this one connection. */
	if (ssh_connection_start(b, &control, fds[0], e) < 0) {
		LOG(&b->app->log, LOG_ERROR, "ssh connection was dropped", F_ERR(e));
		err_clear(e);
	}
	return 0;
}

static void drain(struct ssh_broker *b)
{
	struct ssh_control control;
	struct ssh_answer answer;
	struct err e = { 0 };

	ssh_control_init(&control, SSH_CONTROL_DRAIN, 0);
	ssh_answer_init(&answer, SSH_ANSWER_DRAIN, 0, 0);
	(void)!ssh_packet_send(b->control, &control, sizeof(control), NULL, 0, &e);
	pthread_mutex_lock(&b->lock);
	b->is_draining = true;
	for (struct ssh_connection *c = b->connections; c; c = c->next)
		(void)!ssh_packet_send(c->socket, &answer, sizeof(answer), NULL, 0, &e);
	pthread_mutex_unlock(&b->lock);
}

/* True if a signal to stop waits; takes it, so that the next one is seen as the second. */
static bool take_stop(int stop_fd, short revents)
{
	struct signalfd_siginfo info;

	return revents != 0 && read(stop_fd, &info, sizeof(info)) == sizeof(info);
}

/* Until the master ends: by itself after a drain, or when it was told to. */
static int serve(struct ssh_broker *b, int stop_fd, struct err *e)
{
	int64_t deadline = 0;

	for (;;) {
		struct pollfd entries[] = { { b->control, POLLIN, 0 }, { stop_fd, POLLIN, 0 } };
		int rc;

		(void)poll(entries, ARRAY_LEN(entries), 1000);
		if (take_stop(stop_fd, entries[1].revents)) {
			if (deadline != 0)
				return 0;
			drain(b);
			deadline = clock_monotonic_ms() + APP_DRAIN_SECONDS * 1000;
		}
		if (deadline != 0 && clock_monotonic_ms() > deadline)
			return 0;
		if (entries[0].revents == 0)
			continue;
		rc = hear_master(b, e);
		if (rc < 0)
			return e->code == ERR_GONE && deadline != 0 ? 0 : rc;
	}
}

/*
 * Ends what is left. Hanging up on the master (it may be root, a signal would not
 * reach it) ends it and its children, and with them all threads.
 */
static void stop(struct ssh_broker *b)
{
	struct timespec until;
	bool is_empty;

	(void)shutdown(b->control, SHUT_RDWR);
	(void)waitpid(b->master, NULL, 0);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += KILL_WAIT_MS / 1000;
	pthread_mutex_lock(&b->lock);
	for (struct ssh_connection *c = b->connections; c; c = c->next)
		(void)shutdown(c->socket, SHUT_RDWR);
	while (b->threads > 0 && pthread_cond_timedwait(&b->emptied, &b->lock, &until) == 0)
		continue;
	is_empty = b->threads == 0;
	pthread_mutex_unlock(&b->lock);
	/* A thread that still hangs uses what main is about to close: end here. */
	if (!is_empty)
		_exit(1);
}

static int open_role(struct ssh_broker *b, struct err *e)
{
	char keys[PATH_MAX];
	struct stat owner;
	AUTO_FD listen_fd = -1;
	int n = snprintf(keys, sizeof(keys), "%s/keys", b->app->data);

	if (n < 0 || (size_t)n >= sizeof(keys))
		return err_set(e, ERR_INTERNAL, "the data folder's path is too long");
	if (data_owner(b->app, &owner, e) < 0 || make_keys(keys, &owner, e) < 0 ||
	    app_listen(b->app, "ssh", &listen_fd, e) < 0 || start_master(b, listen_fd, keys, e) < 0)
		return -(int)e->code;
	if (become_owner(&owner, e) < 0)
		return -(int)e->code;
	return app_connect(b->app, e);
}

int role_ssh(struct app *app)
{
	struct ssh_broker b = { .app = app, .control = -1 };
	struct err e = { 0 };
	int stop_fd = -1;
	int rc;

	pthread_mutex_init(&b.lock, NULL);
	pthread_cond_init(&b.emptied, NULL);
	rc = app_stop_fd(app, &stop_fd, &e);
	if (rc == 0)
		rc = open_role(&b, &e);
	if (rc == 0) {
		app_ready(app);
		rc = serve(&b, stop_fd, &e);
	}
	if (b.master > 0)
		stop(&b);
	if (rc < 0)
		LOG(&app->log, LOG_ERROR, "ssh role ends", F_ERR(&e));
	fs_close(&b.control);
	fs_close(&stop_fd);
	return rc < 0 ? 1 : 0;
}
