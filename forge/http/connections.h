/*
 * The open connections and the thread that ends the slow ones. libmicrohttpd's
 * own time-out is off: it knows idle from busy only by bytes, so that one byte
 * now and then keeps a connection for ever, and an answer that waits for git is cut.
 *
 *	WAITING  for a head: idle_ms between requests, head_ms for the first byte on
 *	BODY     least rate over each window of a minute
 *	WORKING  our own code runs: no limit here
 *	SENDING  a minute, and a second for each rate bytes that are to go
 *
 * Threads: any. One mutex over the list, held for list work and shutdown(2).
 */
#ifndef HTTP_CONNECTIONS_H
#define HTTP_CONNECTIONS_H

#include "base/err.h"
#include "base/str.h"

#include <sys/socket.h>

enum connection_phase {
	CONNECTION_WAITING,
	CONNECTION_BODY,
	CONNECTION_WORKING,
	CONNECTION_SENDING,
};

struct connections;
struct connection;

struct connection_limits {
	int64_t head_ms;
	int64_t idle_ms;
	uint64_t rate; /* bytes a second */
};

/* Starts the sweeper. */
struct connections *connections_open(const struct connection_limits *limits);
/* After all connections were removed. */
void connections_close(struct connections *all);

struct connection *connections_add(struct connections *all, int fd, const struct sockaddr *peer);
void connections_remove(struct connections *all, struct connection *c);

/* Entering a phase; bytes: how many are to be sent (SENDING). */
void connection_set_phase(struct connection *c, enum connection_phase phase, uint64_t bytes);
/* Bytes of a body came. */
void connection_note_body(struct connection *c, size_t bytes);

size_t connections_count_of(struct connections *all, const struct sockaddr *peer);
/* Ends those that wait for a request; gives how many are left. */
size_t connections_end_waiting(struct connections *all);
uint64_t connections_swept(const struct connections *all);
uint64_t connections_total(const struct connections *all);
uint64_t connections_number(struct connections *all);

#endif
