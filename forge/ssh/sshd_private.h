/* What the files of ssh/ share; the only include of libssh. Not for others. */
#ifndef SSH_SSHD_PRIVATE_H
#define SSH_SSHD_PRIVATE_H

#include "base/err.h"
#include "ssh/sshd.h"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>
#include <libssh/server.h>

struct host_key_row {
	const char *name;
	enum ssh_keytypes_e type;
	int bits;
};

const struct host_key_row *host_key_rows(size_t *count);
MUST_USE int host_key_load(const char *folder, const struct host_key_row *row, ssh_key *key,
			   struct err *e);

struct sshd_server {
	ssh_bind bind;
};

enum sshd_phase { SSHD_EXCHANGING, SSHD_SIGNING_IN, SSHD_OPEN };

struct sshd_channel {
	struct sshd_session *session;
	ssh_channel ssh; /* NULL: free */
	struct ssh_channel_callbacks_struct callbacks;
	size_t index;
	int protocol;
	bool is_commanded;
	bool is_finished;
	bool is_closed; /* by the client */
	int64_t finished_ms;
};

struct sshd_session {
	unsigned magic;
	ssh_session ssh;
	ssh_event event; /* NULL until keys are exchanged */
	struct ssh_server_callbacks_struct callbacks;
	const struct sshd_hooks *hooks;
	enum sshd_phase phase;
	int64_t login_deadline_ms;
	unsigned offers;
	const char *over; /* why the session must end, set inside callbacks */
	struct sshd_channel channels[SSHD_CHANNELS_MAX];
};

/* A new channel asked for by a client that has signed in; NULL refuses. */
ssh_channel sshd_channel_open(struct sshd_session *session);
/* Frees those that are over, calls hooks->closed. */
void sshd_channel_reap(struct sshd_session *session, bool all);

#endif
