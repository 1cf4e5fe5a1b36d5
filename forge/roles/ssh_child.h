/*
 * The process of one SSH connection: the one that a stranger talks with. It
 * has the client's socket and one to the broker, and ends with either.
 * (roles/README.md, "ssh")
 */
#ifndef ROLES_SSH_CHILD_H
#define ROLES_SSH_CHILD_H

#include "base/log.h"
#include "ssh/sshd.h"

struct ssh_child_options {
	struct sshd_server *server;
	int client; /* taken over */
	int broker; /* taken over */
	const char *address;
	const struct log *log;
};

/* Serves the connection until it ends. The caller has given up its rights already. */
void ssh_child_run(const struct ssh_child_options *options);

#endif
