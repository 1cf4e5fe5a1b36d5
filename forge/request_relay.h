/*
 * Between an HTTP request and a git operation: two pipes, and waiting that sees
 * at once when the client leaves or the server stops.
 *
 * Our ends never block; the operation's ends do, so whoever is slower holds the
 * other back. Closing the relay before the operation is done kills it.
 *
 * Ownership: lives in the request's arena, which closes it.
 * Threads: the request's.
 */
#ifndef REQUEST_RELAY_H
#define REQUEST_RELAY_H

#include "git/operation.h"
#include "request.h"

struct request_relay {
	struct request *rq;
	struct git_operation *op;
	int in;  /* we write, it reads; -1 once closed */
	int out; /* it writes, we read; -1 at its end */
};

/* Starts the operation with pipes in place of want->in and want->out. */
MUST_USE int request_relay_start(struct request_relay *relay, struct request *rq,
				 const struct git_operation_request *want, struct err *e);
/* Of the descriptors; not of the operation, whose owner may be a landing. NULL is fine. */
void request_relay_close_pipes(struct request_relay *relay);

/* What became possible. */
struct relay_ready {
	bool in;    /* bytes can be written */
	bool out;   /* bytes or the end can be read */
	bool other; /* other_fd is readable */
};

/*
 * Waits for any of: in (if want_in), out (if want_out), other_fd (-1: none).
 * ERR_GONE if the client has left, ERR_UNAVAILABLE if the server stops.
 */
MUST_USE int request_relay_wait(const struct request_relay *relay, bool want_in, bool want_out,
				int other_fd, struct relay_ready *ready, struct err *e);

/* As much of *bytes as goes; a reader that is gone takes the rest too, into nothing. */
void request_relay_write(struct request_relay *relay, struct str *bytes);
/* > 0, 0: nothing now, -1: the end (out is closed then). */
ssize_t request_relay_read(struct request_relay *relay, char *to, size_t room);

/*
 * The whole of it for operations that read at most one text and ask nothing
 * (upload, archive, blame): starts it and answers with its output as it comes.
 * body must live as long as the arena. A failure in the middle cuts the
 * connection, so that nobody takes half for all.
 */
MUST_USE int request_send_operation(struct request *rq, const struct git_operation_request *want,
				    struct str body, const char *type, struct err *e);

#endif
