/*
 * See ssh_child.h. One loop around poll: the client, the broker, and the
 * streams of up to ten commands. It waits in one other place, for the broker's
 * word on a key, when nothing else can happen yet.
 */
#include "roles/ssh_child.h"

#include "base/clock.h"
#include "roles/ssh_stream.h"

#include <poll.h>
#include <sys/socket.h>

#define KEY_ANSWER_MS 10000
#define KEEPALIVE_MS 30000
#define KEEPALIVES_MAX 3
#define IDLE_MS (30 * 60 * 1000)
#define ENTRIES_MAX (2 + 3 * SSHD_CHANNELS_MAX)

struct child {
	const struct ssh_child_options *options;
	struct sshd_session *session;
	struct sshd_hooks hooks;
	struct ssh_stream streams[SSHD_CHANNELS_MAX];
	uint32_t serial;
	bool is_draining;
	struct err failed; /* of a hook, which cannot return it */
	int64_t heard_ms;  /* from the client */
	int64_t probed_ms;
	int probes;
	int64_t busy_ms; /* a command ran */
};

/* Reads one packet of the broker. *is_gone when it went away. */
static int receive(struct child *c, struct ssh_answer *answer, int fds[SSH_MESSAGE_FDS_MAX],
		   size_t *fd_count, bool *is_gone, struct err *e)
{
	struct ssh_answer raw;
	size_t n;

	*is_gone = false;
	if (ssh_packet_receive(c->options->broker, &raw, sizeof(raw), &n, fds, fd_count, e) < 0)
		return -(int)e->code;
	if (n == 0) {
		*is_gone = true;
		return 0;
	}
	if (ssh_answer_check(&raw, n, *fd_count, answer, e) == 0)
		return 0;
	for (size_t i = 0; i < *fd_count; i++)
		close(fds[i]);
	return -(int)e->code;
}

/* Waits for the broker's word on a key. An answer of another kind cannot come before sign-in. */
static bool wait_for_key(struct child *c, struct err *e)
{
	int64_t deadline = clock_monotonic_ms() + KEY_ANSWER_MS;
	int fds[SSH_MESSAGE_FDS_MAX];
	size_t fd_count = 0;
	bool is_gone = false;

	for (;;) {
		struct pollfd wait = { c->options->broker, POLLIN, 0 };
		int64_t left = deadline - clock_monotonic_ms();
		struct ssh_answer answer;

		if (left <= 0 || poll(&wait, 1, (int)left) == 0) {
			(void)err_set(e, ERR_TIMEOUT, "the broker does not answer");
			return false;
		}
		if (wait.revents == 0)
			continue;
		if (receive(c, &answer, fds, &fd_count, &is_gone, e) < 0)
			return false;
		if (is_gone) {
			(void)err_set(e, ERR_GONE, "the broker went away");
			return false;
		}
		if (answer.kind == SSH_ANSWER_KEY)
			return answer.verdict == SSH_VERDICT_YES;
		if (answer.kind == SSH_ANSWER_DRAIN)
			c->is_draining = true;
	}
}

static bool on_key(void *context, struct str key, bool proved)
{
	struct child *c = context;
	struct ssh_ask ask;
	struct err e = { 0 };
	bool known;

	ssh_ask_init(&ask, SSH_ASK_KEY, 0, 0);
	ask.proved = proved ? 1 : 0;
	if (!str_copy(ask.text, sizeof(ask.text), key))
		return false;
	known = ssh_packet_send(c->options->broker, &ask, sizeof(ask), NULL, 0, &e) == 0 &&
		wait_for_key(c, &e);
	if (e.code != ERR_NONE)
		c->failed = e;
	return known;
}

static void on_exec(void *context, size_t channel, struct str command, int protocol)
{
	struct child *c = context;
	struct ssh_stream *s = &c->streams[channel];
	struct err e = { 0 };

	if (c->is_draining) {
		ssh_stream_refuse(s, STR("hearth: The server is being restarted; try again in a "
					 "moment."));
		return;
	}
	if (ssh_stream_ask(s, ++c->serial, command, protocol, &e) < 0)
		c->failed = e;
}

static void on_closed(void *context, size_t channel)
{
	struct child *c = context;

	ssh_stream_reset(&c->streams[channel]);
}

static int hear_broker(struct child *c, struct err *e)
{
	int fds[SSH_MESSAGE_FDS_MAX];
	struct ssh_answer answer;
	size_t fd_count;
	bool is_gone;

	if (receive(c, &answer, fds, &fd_count, &is_gone, e) < 0)
		return -(int)e->code;
	if (is_gone)
		return err_set(e, ERR_GONE, "the broker went away");
	if (answer.kind == SSH_ANSWER_DRAIN) {
		c->is_draining = true;
		return 0;
	}
	if (answer.kind == SSH_ANSWER_KEY)
		return err_set(e, ERR_INTERNAL, "an answer nobody asked for");
	return ssh_stream_answer(&c->streams[answer.channel], &answer, fds, fd_count, e);
}

/* A stream that cannot go on ends with its sentence; the others do not notice. */
static bool pump_streams(struct child *c)
{
	bool is_busy = false;

	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		struct ssh_stream *s = &c->streams[i];
		struct err e = { 0 };

		if (s->state == SSH_STREAM_FREE)
			continue;
		is_busy = true;
		if (ssh_stream_pump(s, &e) < 0)
			ssh_stream_refuse(s, str_c(err_sentence(&e)));
	}
	return is_busy;
}

/* A client that is silent is asked; one that does not answer three times is gone. */
static int watch_silence(struct child *c, bool heard, struct err *e)
{
	int64_t now = clock_monotonic_ms();

	if (heard) {
		c->heard_ms = now;
		c->probes = 0;
	}
	if (!sshd_session_signed_in(c->session) || now - c->heard_ms < KEEPALIVE_MS ||
	    now - c->probed_ms < KEEPALIVE_MS)
		return 0;
	if (++c->probes > KEEPALIVES_MAX)
		return err_set(e, ERR_TIMEOUT, "the client does not answer");
	c->probed_ms = now;
	sshd_session_keepalive(c->session);
	return 0;
}

static int watch_idleness(struct child *c, bool is_busy, struct err *e)
{
	int64_t now = clock_monotonic_ms();

	if (is_busy)
		c->busy_ms = now;
	if (c->is_draining && !is_busy)
		return err_set(e, ERR_GONE, "the server stops");
	if (now - c->busy_ms > IDLE_MS)
		return err_set(e, ERR_TIMEOUT, "no command for %d minutes", IDLE_MS / 60000);
	return 0;
}

static bool can_go_on(const struct child *c)
{
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		if (c->streams[i].state != SSH_STREAM_FREE && ssh_stream_can_go_on(&c->streams[i]))
			return true;
	}
	return false;
}

static int turn(struct child *c, struct err *e)
{
	struct pollfd entries[ENTRIES_MAX];
	size_t n = 2;
	bool heard;
	bool is_busy;

	entries[0] =
		(struct pollfd){ sshd_session_fd(c->session), sshd_session_events(c->session), 0 };
	entries[1] = (struct pollfd){ c->options->broker, POLLIN, 0 };
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++)
		n += ssh_stream_poll(&c->streams[i], entries + n);
	(void)poll(entries, (nfds_t)n, can_go_on(c) ? 0 : 1000);
	heard = (entries[0].revents & POLLIN) != 0;
	if (sshd_session_step(c->session, e) < 0)
		return -(int)e->code;
	if (c->failed.code != ERR_NONE) {
		*e = c->failed;
		return -(int)e->code;
	}
	if (entries[1].revents != 0 && hear_broker(c, e) < 0)
		return -(int)e->code;
	is_busy = pump_streams(c);
	if (watch_silence(c, heard, e) < 0)
		return -(int)e->code;
	return watch_idleness(c, is_busy, e);
}

void ssh_child_run(const struct ssh_child_options *options)
{
	struct child c = { .options = options, .heard_ms = clock_monotonic_ms() };
	struct err e = { 0 };

	c.busy_ms = c.heard_ms;
	c.hooks = (struct sshd_hooks){ &c, on_key, on_exec, on_closed };
	if (sshd_session_open(options->server, options->client, &c.hooks, &c.session, &e) == 0) {
		for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++)
			ssh_stream_init(&c.streams[i], c.session, options->broker, i);
		while (turn(&c, &e) == 0)
			continue;
		sshd_session_close(c.session);
	}
	LOG(options->log, LOG_DEBUG, "ssh connection ended", F_C("ip", options->address),
	    F_ERR(&e));
	close(options->broker);
}
