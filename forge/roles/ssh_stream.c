/* See ssh_stream.h. */
#include "roles/ssh_stream.h"

#include <errno.h>
#include <fcntl.h>

#define CHUNK ((size_t)64 * 1024)
/* Answers to ls-refs are made whole: about 100 bytes a ref, a million of them. */
#define OUT_MAX ((size_t)128 * 1024 * 1024)
#define IN_MAX ((size_t)4 * 1024 * 1024)
#define PUMP_ROUNDS 16

struct str ssh_queue_rest(const struct ssh_queue *q)
{
	return str_from(buf_str(&q->bytes), q->at);
}

bool ssh_queue_is_empty(const struct ssh_queue *q)
{
	return q->at >= q->bytes.n;
}

void ssh_queue_drop(struct ssh_queue *q, size_t n)
{
	q->at += n;
	if (!ssh_queue_is_empty(q))
		return;
	/* A large answer's memory is not kept for the small ones behind it. */
	if (q->bytes.room > 4 * CHUNK) {
		size_t ceiling = q->bytes.ceiling;

		buf_fini(&q->bytes);
		buf_init(&q->bytes, ceiling);
	}
	buf_clear(&q->bytes);
	q->at = 0;
}

static void queue_reset(struct ssh_queue *q, size_t ceiling)
{
	buf_fini(&q->bytes);
	buf_init(&q->bytes, ceiling);
	q->at = 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void ssh_stream_init(struct ssh_stream *s, struct sshd_session *session, int broker, size_t channel)
{
	*s = (struct ssh_stream){ .session = session,
				  .broker = broker,
				  .channel = channel,
				  .to_operation = -1,
				  .from_operation = -1,
				  .complaints_of_operation = -1 };
	buf_init(&s->in.bytes, IN_MAX);
	buf_init(&s->out.bytes, OUT_MAX);
	buf_init(&s->complaint.bytes, CHUNK);
}

void ssh_stream_reset(struct ssh_stream *s)
{
	if (s->is_held) {
		struct ssh_ask ask;
		struct err e = { 0 };

		ssh_ask_init(&ask, SSH_ASK_HANGUP, (uint32_t)s->channel, s->serial);
		/* A broker that is gone has hung up on its operations too. */
		(void)!ssh_packet_send(s->broker, &ask, sizeof(ask), NULL, 0, &e);
	}
	close_fd(&s->to_operation);
	close_fd(&s->from_operation);
	close_fd(&s->complaints_of_operation);
	ssh_serve_end(s);
	queue_reset(&s->in, IN_MAX);
	queue_reset(&s->out, OUT_MAX);
	queue_reset(&s->complaint, CHUNK);
	s->is_held = false;
	s->has_ended = false;
	s->status = 0;
	s->state = SSH_STREAM_FREE;
}

static void complain(struct ssh_stream *s, struct str text)
{
	if (text.n == 0)
		return;
	buf_add(&s->complaint.bytes, text);
	if (text.p[text.n - 1] != '\n')
		buf_add_char(&s->complaint.bytes, '\n');
}

void ssh_stream_finish(struct ssh_stream *s, int status)
{
	s->state = SSH_STREAM_SAYING;
	s->status = status;
	ssh_serve_end(s);
}

void ssh_stream_refuse(struct ssh_stream *s, struct str sentence)
{
	complain(s, sentence);
	ssh_stream_finish(s, 1);
}

static int ask_broker(struct ssh_stream *s, const struct ssh_ask *ask, struct err *e)
{
	return ssh_packet_send(s->broker, ask, sizeof(*ask), NULL, 0, e);
}

int ssh_stream_ask(struct ssh_stream *s, uint32_t serial, struct str command, int protocol,
		   struct err *e)
{
	struct ssh_ask ask;

	ASSERT(s->state == SSH_STREAM_FREE);
	s->serial = serial;
	s->protocol = protocol;
	ssh_ask_init(&ask, SSH_ASK_EXEC, (uint32_t)s->channel, serial);
	ask.protocol = (uint32_t)protocol;
	if (!str_copy(ask.text, sizeof(ask.text), command)) {
		ssh_stream_refuse(s, STR("hearth: This command is too long."));
		return 0;
	}
	s->state = SSH_STREAM_ASKED;
	s->is_held = true;
	return ask_broker(s, &ask, e);
}

int ssh_stream_start(struct ssh_stream *s, struct err *e)
{
	struct ssh_ask ask;

	ssh_serve_end(s);
	s->state = SSH_STREAM_STARTING;
	ssh_ask_init(&ask, SSH_ASK_START, (uint32_t)s->channel, s->serial);
	return ask_broker(s, &ask, e);
}

static void run(struct ssh_stream *s, const int *fds)
{
	s->to_operation = fds[0];
	s->from_operation = fds[1];
	s->complaints_of_operation = fds[2];
	s->state = SSH_STREAM_RUNNING;
}

static int verdict(struct ssh_stream *s, const struct ssh_answer *answer, const int *fds,
		   struct err *e)
{
	s->is_held = answer->verdict == SSH_VERDICT_SERVE || answer->verdict == SSH_VERDICT_STREAM;
	if (answer->verdict == SSH_VERDICT_SAY) {
		buf_add_c(&s->out.bytes, answer->text);
		ssh_stream_finish(s, 0);
		return 0;
	}
	complain(s, str_c(answer->text));
	switch (answer->verdict) {
	case SSH_VERDICT_SERVE:
		s->service = (enum git_service)answer->service;
		s->state = SSH_STREAM_SERVING;
		return ssh_serve_begin(s, fds[0], answer->size, e);
	case SSH_VERDICT_STREAM:
		run(s, fds);
		return 0;
	default:
		ssh_stream_finish(s, 1);
		return 0;
	}
}

int ssh_stream_answer(struct ssh_stream *s, const struct ssh_answer *answer, const int *fds,
		      size_t fd_count, struct err *e)
{
	bool is_late = s->state == SSH_STREAM_FREE || answer->serial != s->serial;
	bool is_asked = s->state == SSH_STREAM_ASKED || s->state == SSH_STREAM_STARTING;

	if (answer->kind == SSH_ANSWER_EXEC && !is_late && is_asked)
		return verdict(s, answer, fds, e);
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
	if (answer->kind == SSH_ANSWER_ENDED && !is_late && s->state == SSH_STREAM_RUNNING) {
		s->is_held = false;
		s->has_ended = true;
		s->status = (int)answer->status;
		complain(s, str_c(answer->text));
	}
	return 0;
}

size_t ssh_stream_poll(const struct ssh_stream *s, struct pollfd *to)
{
	bool may_send;
	size_t n = 0;

	if (s->state != SSH_STREAM_RUNNING)
		return 0;
	may_send = sshd_channel_room(s->session, s->channel) > 0;
	if (s->to_operation >= 0 && !ssh_queue_is_empty(&s->in))
		to[n++] = (struct pollfd){ s->to_operation, POLLOUT, 0 };
	if (s->from_operation >= 0 && ssh_queue_is_empty(&s->out) && may_send)
		to[n++] = (struct pollfd){ s->from_operation, POLLIN, 0 };
	if (s->complaints_of_operation >= 0 && ssh_queue_is_empty(&s->complaint) && may_send)
		to[n++] = (struct pollfd){ s->complaints_of_operation, POLLIN, 0 };
	return n;
}

/* To the client. True if anything went. */
static bool send_queue(struct ssh_stream *s, struct ssh_queue *q, bool to_stderr)
{
	bool moved = false;

	while (!ssh_queue_is_empty(q) && sshd_channel_room(s->session, s->channel) > 0) {
		size_t n = sshd_channel_write(s->session, s->channel, ssh_queue_rest(q), to_stderr);

		s->is_rekeying = n == 0;
		if (n == 0)
			break;
		ssh_queue_drop(q, n);
		moved = true;
	}
	return moved;
}

/* From the client into `in`, up to `most` waiting bytes. */
static bool read_client(struct ssh_stream *s, size_t most)
{
	size_t waiting = s->in.bytes.n - s->in.at;
	char *to;
	size_t n;

	if (waiting >= most)
		return false;
	if (s->in.at > 0 && s->in.at >= CHUNK) {
		buf_drop_front(&s->in.bytes, s->in.at);
		s->in.at = 0;
	}
	to = buf_reserve(&s->in.bytes, CHUNK);
	if (!to)
		return false;
	n = sshd_channel_read(s->session, s->channel, to, CHUNK);
	buf_added(&s->in.bytes, n);
	return n > 0;
}

/* To the operation. What it no longer wants to hear is dropped, its answer matters more. */
static bool feed_operation(struct ssh_stream *s)
{
	struct str rest = ssh_queue_rest(&s->in);
	ssize_t n;

	if (s->to_operation < 0 && rest.n > 0) {
		ssh_queue_drop(&s->in, rest.n);
		return true;
	}
	if (s->to_operation < 0)
		return false;
	if (rest.n == 0) {
		if (sshd_channel_at_end(s->session, s->channel))
			close_fd(&s->to_operation);
		return false;
	}
	n = write(s->to_operation, rest.p, rest.n);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		close_fd(&s->to_operation);
	if (n > 0)
		ssh_queue_drop(&s->in, (size_t)n);
	return n > 0;
}

/* From the operation into an empty queue, no more than the client takes now. */
static bool drain_operation(struct ssh_stream *s, int *fd, struct ssh_queue *q)
{
	size_t room = sshd_channel_room(s->session, s->channel);
	char *to;
	ssize_t n;

	if (*fd < 0 || !ssh_queue_is_empty(q) || room == 0)
		return false;
	if (room > CHUNK / 2)
		room = CHUNK / 2;
	to = buf_reserve(&q->bytes, room);
	if (!to)
		return false;
	n = read(*fd, to, room);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	buf_added(&q->bytes, n > 0 ? (size_t)n : 0);
	return n > 0;
}

static bool pump_running(struct ssh_stream *s)
{
	bool moved = read_client(s, CHUNK);

	moved |= feed_operation(s);
	moved |= drain_operation(s, &s->from_operation, &s->out);
	moved |= drain_operation(s, &s->complaints_of_operation, &s->complaint);
	if (s->has_ended && s->from_operation < 0 && s->complaints_of_operation < 0)
		ssh_stream_finish(s, s->status);
	return moved;
}

static bool pump_saying(struct ssh_stream *s)
{
	if (ssh_queue_is_empty(&s->out) && ssh_queue_is_empty(&s->complaint))
		sshd_channel_finish(s->session, s->channel, s->status);
	return false;
}

static int pump_serving(struct ssh_stream *s, bool *moved, struct err *e)
{
	*moved |= read_client(s, IN_MAX - CHUNK);
	return ssh_serve_step(s, e);
}

bool ssh_stream_can_go_on(const struct ssh_stream *s)
{
	bool has_words = !ssh_queue_is_empty(&s->out) || !ssh_queue_is_empty(&s->complaint);

	if (s->is_unfinished)
		return true;
	return has_words && !s->is_rekeying && sshd_channel_room(s->session, s->channel) > 0;
}

int ssh_stream_pump(struct ssh_stream *s, struct err *e)
{
	bool moved = true;
	int rc = 0;

	s->is_rekeying = false;
	for (int i = 0; i < PUMP_ROUNDS && moved && rc == 0; i++) {
		enum ssh_stream_state before = s->state;

		moved = send_queue(s, &s->complaint, true);
		moved |= send_queue(s, &s->out, false);
		if (s->state == SSH_STREAM_RUNNING)
			moved |= pump_running(s);
		else if (s->state == SSH_STREAM_SERVING)
			rc = pump_serving(s, &moved, e);
		else if (s->state == SSH_STREAM_SAYING)
			moved |= pump_saying(s);
		moved |= s->state != before;
	}
	s->is_unfinished = moved;
	return rc;
}
