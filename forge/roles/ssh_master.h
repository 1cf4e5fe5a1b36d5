/*
 * The master of the ssh role: accepts connections, keeps the caps, forks one
 * child for each (roles/README.md, "ssh").
 *
 * role_ssh, the broker, starts it as a fresh exec of this program with an
 * empty environment: so neither it nor its children ever held configuration,
 * database address or secrets in memory.
 */
#ifndef ROLES_SSH_MASTER_H
#define ROLES_SSH_MASTER_H

#include "base/err.h"
#include "base/log.h"
#include "roles/ssh_sandbox.h"

struct ssh_master_options {
	int listen_fd;
	int control_fd;   /* to the broker: struct ssh_control packets */
	const char *keys; /* folder of the host keys */
	enum ssh_sandbox_mode sandbox;
	enum log_level log_level;
	int64_t limit; /* connections at once */
	int64_t limit_per_address;
};

/* Starts the master; the descriptors stay the caller's and may be closed. */
MUST_USE int ssh_master_start(const struct ssh_master_options *options, pid_t *pid, struct err *e);

/* The master itself; returns its exit status. */
int ssh_master_serve(const struct ssh_master_options *options);

/*
 * Its main, for the hidden word `hearth ssh-master`: main.c calls it before
 * anything else happens. Returns the exit status.
 */
int ssh_master_main(int argc, char **argv);

#endif
