/*
 * One handshake with ourselves before the first child is forked. OpenSSL 3
 * looks up every algorithm at its first use and keeps what it found; without
 * this each child would find everything anew, which was a third of what a
 * connection cost (measured: 3.5 ms of CPU with, see tests/bench).
 */
#include "ssh/sshd_private.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#define WARM_MS 5000

struct warming {
	struct sshd_session *server;
	ssh_session client;
	ssh_key key;
	bool is_connected;
	bool is_done;
};

static bool any_key(void *context UNUSED, struct str key UNUSED, bool proved UNUSED)
{
	return true;
}

static void no_exec(void *context UNUSED, size_t channel UNUSED, struct str command UNUSED,
		    int protocol UNUSED)
{
}

static void no_closed(void *context UNUSED, size_t channel UNUSED)
{
}

static int client_step(struct warming *w, struct err *e)
{
	int rc;

	if (!w->is_connected) {
		rc = ssh_connect(w->client);
		w->is_connected = rc == SSH_OK;
		if (rc == SSH_ERROR)
			return err_set(e, ERR_INTERNAL, "%s", ssh_get_error(w->client));
		return 0;
	}
	rc = ssh_userauth_publickey(w->client, NULL, w->key);
	w->is_done = rc == SSH_AUTH_SUCCESS;
	if (rc != SSH_AUTH_SUCCESS && rc != SSH_AUTH_AGAIN)
		return err_set(e, ERR_INTERNAL, "%s", ssh_get_error(w->client));
	return 0;
}

static int shake_hands(struct warming *w, int client_fd, struct err *e)
{
	int64_t deadline = clock_monotonic_ms() + WARM_MS;

	while (!w->is_done) {
		struct pollfd both[] = { { sshd_session_fd(w->server), POLLIN, 0 },
					 { client_fd, POLLIN, 0 } };

		if (clock_monotonic_ms() > deadline)
			return err_set(e, ERR_TIMEOUT, "no handshake within %d ms", WARM_MS);
		if (client_step(w, e) < 0 || sshd_session_step(w->server, e) < 0)
			return -(int)e->code;
		(void)poll(both, ARRAY_LEN(both), 10);
	}
	return 0;
}

static int prepare_client(struct warming *w, int fd, struct err *e)
{
	bool process_config = false;
	int rc;

	w->client = ssh_new();
	if (!w->client || ssh_pki_generate(SSH_KEYTYPE_ED25519, 0, &w->key) != SSH_OK)
		return err_set(e, ERR_INTERNAL, "cannot make a client");
	rc = ssh_options_set(w->client, SSH_OPTIONS_FD, &fd);
	rc |= ssh_options_set(w->client, SSH_OPTIONS_HOST, "localhost");
	rc |= ssh_options_set(w->client, SSH_OPTIONS_USER, "git");
	rc |= ssh_options_set(w->client, SSH_OPTIONS_PROCESS_CONFIG, &process_config);
	rc |= ssh_options_set(w->client, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
	rc |= ssh_options_set(w->client, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	ssh_set_blocking(w->client, 0);
	return rc == SSH_OK ? 0 : err_set(e, ERR_INTERNAL, "%s", ssh_get_error(w->client));
}

int sshd_server_warm(struct sshd_server *server, struct err *e)
{
	static const struct sshd_hooks hooks = { NULL, any_key, no_exec, no_closed };
	struct warming w = { 0 };
	int pair[2];
	int rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return err_errno(e, errno, "make a socket pair");
	rc = sshd_session_open(server, pair[0], &hooks, &w.server, e);
	if (rc == 0)
		rc = prepare_client(&w, pair[1], e);
	if (rc == 0)
		rc = shake_hands(&w, pair[1], e);
	if (w.client)
		ssh_free(w.client);
	if (w.key)
		ssh_key_free(w.key);
	/* libssh leaves a descriptor it was given open. */
	if (fcntl(pair[1], F_GETFD) >= 0)
		close(pair[1]);
	sshd_session_close(w.server);
	return rc;
}
