/*
 * The door to libssh: one server's keys, one client's session, its channels.
 * No other file may include <libssh/...>.
 *
 * It is built for one process per connection that polls: nothing here blocks.
 * The owner polls sshd_session_fd for sshd_session_events and calls
 * sshd_session_step when something came, at least once a second otherwise.
 * It answers only public keys, only for the user "git", only sessions, only
 * `exec` and a shell without a terminal (which greets); the rest of SSH is
 * refused by not being there.
 *
 * What libssh 0.10.6 needs to be right, and is done here so that nobody else
 * has to know: TCP_NODELAY, and TCP_QUICKACK again before every read until
 * login is done (without the two a connection costs 130 ms more); the write
 * "may go on" callback is not used (it misses a re-opened window), the window
 * is looked at instead; short writes during a rekey are reported, never lost;
 * no descriptor but the session's own is in libssh's poll set.
 *
 * Ownership: open .. close by the caller; channels belong to their session and
 * are gone when sshd_hooks.closed has been called for them.
 * Threads: one (the child has no others).
 */
#ifndef SSH_SSHD_H
#define SSH_SSHD_H

#include "base/err.h"
#include "base/str.h"

#define SSHD_CHANNELS_MAX 10
#define SSHD_KEY_TEXT_MAX 4000 /* larger keys are refused: RSA of 16,384 bits fits */
#define SSHD_KEY_OFFERS_MAX 10
#define SSHD_LOGIN_SECONDS 20

struct sshd_server;
struct sshd_session;

/* Loads the host keys of `folder` (ssh/host_key.h). */
MUST_USE int sshd_server_open(const char *folder, struct sshd_server **server, struct err *e);
/*
 * Does one handshake with itself, so that processes forked afterwards need not
 * look up every algorithm anew. Failing costs speed only.
 */
MUST_USE int sshd_server_warm(struct sshd_server *server, struct err *e);
void sshd_server_close(struct sshd_server *server);

struct sshd_hooks {
	void *context;
	/*
	 * A client offers this key ("ssh-ed25519 AAAA..."); is it somebody's?
	 * proved says that the client signed with it: only then is it who speaks.
	 * May be called many times; false refuses.
	 */
	bool (*key)(void *context, struct str key, bool proved);
	/*
	 * A command on a channel (0 .. SSHD_CHANNELS_MAX - 1); STR_NONE is a shell.
	 * protocol is the client's GIT_PROTOCOL, 0..2. Called once a channel.
	 */
	void (*exec)(void *context, size_t channel, struct str command, int protocol);
	/* The channel is gone: finished, closed by the client, or with the connection. */
	void (*closed)(void *context, size_t channel);
};

/*
 * Takes over fd, a connected stream socket; closes it with the session, or at
 * once if this fails. hooks must outlive the session.
 */
MUST_USE int sshd_session_open(struct sshd_server *server, int fd, const struct sshd_hooks *hooks,
			       struct sshd_session **session, struct err *e);
/* Says goodbye, calls hooks->closed for what is open, frees. NULL is fine. */
void sshd_session_close(struct sshd_session *session);

int sshd_session_fd(const struct sshd_session *session);
/* What to poll for: POLLIN, and POLLOUT while libssh holds bytes to send. */
short sshd_session_events(const struct sshd_session *session);

/*
 * Reads and sends what can be, calls the hooks. An error ends the session: the
 * client went away, broke the protocol, tried too many keys or did not sign in
 * within SSHD_LOGIN_SECONDS (ERR_INVALID, ERR_TIMEOUT, ERR_GONE), for the log.
 */
MUST_USE int sshd_session_step(struct sshd_session *session, struct err *e);

bool sshd_session_signed_in(const struct sshd_session *session);
/* True while libssh has not sent all: then nothing more is read from behind. */
bool sshd_session_is_full(const struct sshd_session *session);
/* Asks the client to answer, so that a dead one is noticed. */
void sshd_session_keepalive(struct sshd_session *session);

/* Up to room bytes from the client; 0 if there are none now. */
size_t sshd_channel_read(struct sshd_session *session, size_t channel, char *to, size_t room);
/* True when the client has ended its side and all of it was read. */
bool sshd_channel_at_end(struct sshd_session *session, size_t channel);
/* How much a write would take now. */
size_t sshd_channel_room(struct sshd_session *session, size_t channel);
/* Sends as much as goes, and says how much that was: the rest stays with the caller. */
size_t sshd_channel_write(struct sshd_session *session, size_t channel, struct str bytes,
			  bool to_stderr);
/*
 * Ends the channel: end of output, exit status, close. Nothing may be written
 * after it; hooks->closed follows when the client has closed too, or after a minute.
 */
void sshd_channel_finish(struct sshd_session *session, size_t channel, int exit_status);

#endif
