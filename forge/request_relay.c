#include "request_relay.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#define PIPE_BYTES (1 << 20)

static int make_pipe(int ends[static 2], int ours, struct err *e)
{
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	if (fcntl(ends[ours], F_SETFL, O_NONBLOCK) < 0)
		return err_errno(e, errno, "pipe");
	/* More than the user's share of pipe memory is no error: it stays small. */
	(void)fcntl(ends[ours], F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

static void close_pipes(void *object)
{
	request_relay_close_pipes(object);
}

int request_relay_start(struct request_relay *relay, struct request *rq,
			const struct git_operation_request *want, struct err *e)
{
	struct git_operation_request request = *want;
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	int result = -1;

	*relay = (struct request_relay){ rq, NULL, -1, -1 };
	arena_link(rq->arena, close_pipes, relay);
	if (make_pipe(in, 1, e) == 0 && make_pipe(out, 0, e) == 0) {
		request.in = in[0];
		request.out = out[1];
		result = git_operation_start(rq->app->run, &request, &relay->op, e);
	}
	fs_close(&in[0]);
	fs_close(&out[1]);
	relay->in = in[1];
	relay->out = out[0];
	if (result < 0)
		request_relay_close_pipes(relay);
	return result < 0 ? -(int)e->code : 0;
}

void request_relay_close_pipes(struct request_relay *relay)
{
	if (!relay)
		return;
	fs_close(&relay->in);
	fs_close(&relay->out);
}

enum { AT_IN, AT_OUT, AT_OTHER, AT_CLIENT, AT_STOP, AT_COUNT };

int request_relay_wait(const struct request_relay *relay, bool want_in, bool want_out, int other_fd,
		       struct relay_ready *ready, struct err *e)
{
	const struct http_head *head = &relay->rq->http->head;
	struct pollfd p[AT_COUNT] = {
		[AT_IN] = { want_in ? relay->in : -1, POLLOUT, 0 },
		[AT_OUT] = { want_out ? relay->out : -1, POLLIN, 0 },
		[AT_OTHER] = { other_fd, POLLIN, 0 },
		[AT_CLIENT] = { head->connection_fd, POLLRDHUP, 0 },
		[AT_STOP] = { head->stop_fd, POLLIN, 0 },
	};

	*ready = (struct relay_ready){ 0 };
	while (poll(p, AT_COUNT, -1) < 0)
		if (errno != EINTR)
			return err_errno(e, errno, "poll");
	ready->in = p[AT_IN].revents != 0;
	ready->out = p[AT_OUT].revents != 0;
	ready->other = p[AT_OTHER].revents != 0;
	if (p[AT_CLIENT].revents)
		return err_set(e, ERR_GONE, "The client has left.");
	if (p[AT_STOP].revents)
		return err_set(e, ERR_UNAVAILABLE, "the server stops");
	return 0;
}

void request_relay_write(struct request_relay *relay, struct str *bytes)
{
	ssize_t n = write(relay->in, bytes->p, bytes->n);

	if (n >= 0) {
		*bytes = str_from(*bytes, (size_t)n);
		return;
	}
	if (errno == EAGAIN || errno == EINTR)
		return;
	fs_close(&relay->in);
	*bytes = str_from(*bytes, bytes->n);
}

ssize_t request_relay_read(struct request_relay *relay, char *to, size_t room)
{
	ssize_t n = read(relay->out, to, room);

	if (n > 0)
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	fs_close(&relay->out);
	return -1;
}

/* ---- an operation as the answer ---- */

struct sending {
	struct request_relay relay;
	struct str body; /* what is still to be written */
};

static void close_sending(void *object)
{
	struct sending *s = object;

	git_operation_close(s->relay.op);
}

static ssize_t end_sending(struct sending *s, struct err *e)
{
	struct request *rq = s->relay.rq;

	if (git_operation_wait(s->relay.op, e) == 0)
		return 0;
	LOG(&rq->app->log, LOG_WARN, "operation failed", F_STR("request_id", rq->request_id),
	    F_STR("project", rq->project->path), F_ERR(e));
	return -1;
}

static ssize_t read_sending(void *closure, char *to, size_t room)
{
	struct sending *s = closure;
	struct request_relay *r = &s->relay;
	struct err e = { 0 };

	for (;;) {
		struct relay_ready ready;

		if (s->body.n == 0)
			fs_close(&r->in);
		if (request_relay_wait(r, s->body.n > 0, true, -1, &ready, &e) < 0)
			return -1;
		if (ready.in)
			request_relay_write(r, &s->body);
		if (ready.out) {
			ssize_t n = request_relay_read(r, to, room);

			if (n != 0)
				return n > 0 ? n : end_sending(s, &e);
		}
	}
}

int request_send_operation(struct request *rq, const struct git_operation_request *want,
			   struct str body, const char *type, struct err *e)
{
	struct sending *s = ARENA_NEW(rq->arena, struct sending);

	request_db_return(rq);
	s->body = body;
	if (request_relay_start(&s->relay, rq, want, e) < 0)
		return -(int)e->code;
	arena_link(rq->arena, close_sending, s);
	http_respond_stream(rq->http, 200, type, HTTP_SIZE_UNKNOWN, read_sending, s);
	return 0;
}
