/*
 * The door: libmicrohttpd with a thread per connection, behind what was
 * measured of it (README.md). The only file that includes microhttpd.h is
 * server.c.
 *
 *	http_server_start(&options, &handler, &server, e)
 *	... poll a stop descriptor ...
 *	http_server_quiesce(server)          no new connections
 *	http_server_stop(server, wait_ms)    running requests end or are cut
 *
 * Threads: start and stop from one; the handler is called on many at once.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/list.h"
#include "http/http.h"

struct http_server;

struct http_server_options {
	int listen_fd; /* taken over; listening */
	unsigned connection_limit;
	unsigned per_address_limit;             /* 0: none */
	const struct str_list *trusted_proxies; /* networks, "unix" */
	int64_t head_ms;                        /* the head must be complete within this; 0: 15 s */
	int64_t idle_seconds;                   /* of a connection; 0: 60 */
	uint64_t body_rate;                     /* least bytes a second over a minute; 0: 1024 */
	uint64_t bodies_limit;                  /* memory for all bodies at once; 0: 256 MB */
	void (*complain)(void *closure, const char *sentence); /* for the log; may be NULL */
	void *complain_closure;
};

struct http_counts {
	uint64_t connections; /* accepted since the start */
	uint64_t open;
	uint64_t refused; /* over a limit */
	uint64_t swept;   /* too slow */
	uint64_t malformed;
};

MUST_USE int http_server_start(const struct http_server_options *options,
			       const struct http_handler *handler, struct http_server **server,
			       struct err *e);
void http_server_quiesce(struct http_server *server);
/* After quiesce. Waits up to wait_ms for running requests, then wakes and cuts them. */
void http_server_stop(struct http_server *server, int64_t wait_ms);
void http_server_count(struct http_server *server, struct http_counts *counts);

#endif
