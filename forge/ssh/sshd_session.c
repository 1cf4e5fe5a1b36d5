/*
 * One connection: key exchange, login, and the step that moves it on.
 *
 * Who the client is gets decided in one place, on_key with the state VALID
 * (the signature was checked): `phase` becomes OPEN there and nowhere else, and
 * channels are refused until then whatever libssh thinks of the client.
 */
#include "ssh/sshd_private.h"

#include "base/clock.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#define MAGIC 0x53534844u

static bool may_be_used(ssh_key key)
{
	switch (ssh_key_type(key)) {
	case SSH_KEYTYPE_RSA:
	case SSH_KEYTYPE_ED25519:
	case SSH_KEYTYPE_ECDSA_P256:
	case SSH_KEYTYPE_ECDSA_P384:
	case SSH_KEYTYPE_ECDSA_P521:
	case SSH_KEYTYPE_SK_ECDSA:
	case SSH_KEYTYPE_SK_ED25519:
		return true;
	default:
		/* DSA; and certificates, whose authority, names and dates libssh cannot check. */
		return false;
	}
}

/* "type base64"; false if it does not fit. */
static bool key_text(ssh_key key, char *to, size_t room)
{
	char *base64 = NULL;
	const char *type = ssh_key_type_to_char(ssh_key_type(key));
	int n;

	if (!type || ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK)
		return false;
	n = snprintf(to, room, "%s %s", type, base64);
	ssh_string_free_char(base64);
	return n > 0 && (size_t)n < room;
}

static int on_none(ssh_session ssh UNUSED, const char *user UNUSED, void *context UNUSED)
{
	return SSH_AUTH_DENIED;
}

static int on_key(ssh_session ssh UNUSED, const char *user, ssh_key key, char state, void *context)
{
	struct sshd_session *s = context;
	char text[SSHD_KEY_TEXT_MAX];
	bool proved = state == SSH_PUBLICKEY_STATE_VALID;

	if (s->phase == SSHD_OPEN || s->over)
		return SSH_AUTH_DENIED;
	if (state != SSH_PUBLICKEY_STATE_NONE && !proved)
		return SSH_AUTH_DENIED;
	if (!proved && ++s->offers > SSHD_KEY_OFFERS_MAX) {
		s->over = "too many keys were offered";
		return SSH_AUTH_DENIED;
	}
	if (strcmp(user, "git") != 0 || !may_be_used(key) || !key_text(key, text, sizeof(text)) ||
	    !s->hooks->key(s->hooks->context, str_c(text), proved))
		return SSH_AUTH_DENIED;
	if (proved)
		s->phase = SSHD_OPEN;
	return SSH_AUTH_SUCCESS;
}

static ssh_channel on_channel(ssh_session ssh UNUSED, void *context)
{
	struct sshd_session *s = context;

	if (s->phase != SSHD_OPEN) {
		s->over = "a channel was asked for before signing in";
		return NULL;
	}
	return sshd_channel_open(s);
}

static void set_socket_option(int fd, int option)
{
	int on = 1;

	/* Fails harmlessly on a socket that is not TCP (tests). */
	(void)setsockopt(fd, IPPROTO_TCP, option, &on, sizeof(on));
}

static void set_callbacks(struct sshd_session *s)
{
	s->callbacks = (struct ssh_server_callbacks_struct){
		.userdata = s,
		.auth_none_function = on_none,
		.auth_pubkey_function = on_key,
		.channel_open_request_session_function = on_channel,
	};
	ssh_callbacks_init(&s->callbacks);
	ssh_set_server_callbacks(s->ssh, &s->callbacks);
}

int sshd_session_open(struct sshd_server *server, int fd, const struct sshd_hooks *hooks,
		      struct sshd_session **session, struct err *e)
{
	struct sshd_session *s = MEM_NEW(struct sshd_session);

	s->magic = MAGIC;
	s->hooks = hooks;
	s->login_deadline_ms = clock_monotonic_ms() + SSHD_LOGIN_SECONDS * 1000;
	s->ssh = ssh_new();
	set_socket_option(fd, TCP_NODELAY);
	if (!s->ssh || ssh_bind_accept_fd(server->bind, s->ssh, fd) != SSH_OK) {
		int rc = err_set(e, ERR_INTERNAL, "cannot start an SSH session: %s",
				 ssh_get_error(server->bind));

		if (s->ssh)
			ssh_free(s->ssh);
		close(fd);
		mem_free(s);
		return rc;
	}
	set_callbacks(s);
	ssh_set_auth_methods(s->ssh, SSH_AUTH_METHOD_PUBLICKEY);
	ssh_set_blocking(s->ssh, 0);
	*session = s;
	return 0;
}

void sshd_session_close(struct sshd_session *s)
{
	if (!s)
		return;
	ASSERT(s->magic == MAGIC);
	sshd_channel_reap(s, true);
	if (s->event) {
		ssh_event_remove_session(s->event, s->ssh);
		ssh_event_free(s->event);
	}
	ssh_disconnect(s->ssh);
	ssh_free(s->ssh);
	s->magic = 0;
	mem_free(s);
}

int sshd_session_fd(const struct sshd_session *s)
{
	return ssh_get_fd(s->ssh);
}

short sshd_session_events(const struct sshd_session *s)
{
	if ((ssh_get_poll_flags(s->ssh) & SSH_WRITE_PENDING) != 0)
		return POLLIN | POLLOUT;
	return POLLIN;
}

bool sshd_session_is_full(const struct sshd_session *s)
{
	return (ssh_get_poll_flags(s->ssh) & SSH_WRITE_PENDING) != 0;
}

bool sshd_session_signed_in(const struct sshd_session *s)
{
	return s->phase == SSHD_OPEN;
}

void sshd_session_keepalive(struct sshd_session *s)
{
	if (s->event)
		(void)ssh_send_keepalive(s->ssh);
}

/* libssh's own words, which come from the client in part: for the log, as one line. */
static int session_error(struct sshd_session *s, struct err *e)
{
	const char *why = ssh_get_error(s->ssh);

	return err_set(e, ERR_GONE, "%s", why[0] ? why : "the client went away");
}

static int exchange_keys(struct sshd_session *s, struct err *e)
{
	int rc = ssh_handle_key_exchange(s->ssh);

	if (rc == SSH_AGAIN)
		return 0;
	if (rc != SSH_OK)
		return session_error(s, e);
	s->event = ssh_event_new();
	if (!s->event || ssh_event_add_session(s->event, s->ssh) != SSH_OK)
		return err_set(e, ERR_INTERNAL, "cannot watch the SSH session");
	s->phase = SSHD_SIGNING_IN;
	return 0;
}

static int move_bytes(struct sshd_session *s, struct err *e)
{
	if (s->phase == SSHD_EXCHANGING)
		return exchange_keys(s, e);
	if (ssh_event_dopoll(s->event, 0) == SSH_ERROR)
		return session_error(s, e);
	if ((ssh_get_status(s->ssh) & (SSH_CLOSED | SSH_CLOSED_ERROR)) != 0)
		return session_error(s, e);
	return 0;
}

int sshd_session_step(struct sshd_session *s, struct err *e)
{
	int rc;

	ASSERT(s->magic == MAGIC);
	if (s->phase != SSHD_OPEN)
		set_socket_option(sshd_session_fd(s), TCP_QUICKACK);
	rc = move_bytes(s, e);
	sshd_channel_reap(s, rc < 0);
	if (rc < 0)
		return rc;
	if (s->over)
		return err_set(e, ERR_INVALID, "%s", s->over);
	if (s->phase != SSHD_OPEN && clock_monotonic_ms() > s->login_deadline_ms)
		return err_set(e, ERR_TIMEOUT, "nobody signed in within %d s", SSHD_LOGIN_SECONDS);
	return 0;
}
