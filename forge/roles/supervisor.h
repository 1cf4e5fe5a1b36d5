/*
 * `hearth up`: starts the private servers and the roles, keeps them running,
 * stops them in order. It reads nothing that comes from outside.
 */
#ifndef ROLES_SUPERVISOR_H
#define ROLES_SUPERVISOR_H

#include "app.h"

struct supervisor_options {
	const char *on_first_start; /* a program, or NULL */
	char **argv;                /* for executing a newer program over this one */
};

/* Until SIGTERM or SIGINT. Returns the exit status, or an error if the start failed. */
MUST_USE int supervisor_run(struct app *app, const struct supervisor_options *options,
			    struct err *e);

#endif
