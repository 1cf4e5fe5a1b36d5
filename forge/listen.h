/*
 * Listening sockets: bound here, or inherited under systemd's convention
 * (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES), which the supervisor speaks too.
 */
#ifndef LISTEN_H
#define LISTEN_H

#include "base/arena.h"
#include "base/err.h"

/*
 * Binds and listens on "host:port" (port 0: any). ERR_CONFLICT says that the port is taken and
 * names option, the command line's way to choose another ("--http").
 */
MUST_USE int listen_bind(struct arena *a, const char *address, const char *option, int *fd,
			 struct err *e);

/* The inherited socket of that name, or -1. */
int listen_inherited(const char *name);

/* "127.0.0.1:8080" as the socket is really bound. */
const char *listen_address(struct arena *a, int fd);

/* Sends words to NOTIFY_SOCKET, if there is one ("READY=1"). */
void notify_send(const char *words);

#endif
