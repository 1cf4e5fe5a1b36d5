/*
 * One channel of a session. Callbacks only write down what the client wants;
 * freeing happens in sshd_channel_reap, outside of libssh's loops, because a
 * channel freed inside a callback is still used by the loop that called it.
 */
#include "ssh/sshd_private.h"

#include "base/clock.h"
#include "ssh/git_command.h"

/* What is on its way may need that long on a slow line before the client closes too. */
#define FINISH_MS 60000
#define WRITE_MAX ((size_t)128 * 1024)

/* libssh's answers to a request: 0 accepts, 1 refuses. */
enum { ACCEPT, REFUSE };

static int command(struct sshd_channel *c, struct str text)
{
	struct sshd_session *s = c->session;

	if (c->is_commanded)
		return REFUSE;
	c->is_commanded = true;
	s->hooks->exec(s->hooks->context, c->index, text, c->protocol);
	return ACCEPT;
}

static int on_exec(ssh_session ssh UNUSED, ssh_channel ch UNUSED, const char *text, void *context)
{
	return command(context, str_c(text));
}

static int on_shell(ssh_session ssh UNUSED, ssh_channel ch UNUSED, void *context)
{
	return command(context, STR_NONE);
}

static int on_env(ssh_session ssh UNUSED, ssh_channel ch UNUSED, const char *name,
		  const char *value, void *context)
{
	struct sshd_channel *c = context;

	if (strcmp(name, "GIT_PROTOCOL") != 0)
		return REFUSE;
	c->protocol = git_protocol_version(str_c(value));
	return ACCEPT;
}

static void on_close(ssh_session ssh UNUSED, ssh_channel ch UNUSED, void *context)
{
	struct sshd_channel *c = context;

	c->is_closed = true;
}

static struct sshd_channel *free_slot(struct sshd_session *s)
{
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		if (!s->channels[i].ssh)
			return &s->channels[i];
	}
	return NULL;
}

ssh_channel sshd_channel_open(struct sshd_session *s)
{
	struct sshd_channel *c = free_slot(s);
	ssh_channel ssh;

	if (!c || !(ssh = ssh_channel_new(s->ssh)))
		return NULL;
	*c = (struct sshd_channel){
		.session = s,
		.ssh = ssh,
		.index = (size_t)(c - s->channels),
		.callbacks = {
			.userdata = c,
			.channel_exec_request_function = on_exec,
			.channel_shell_request_function = on_shell,
			.channel_env_request_function = on_env,
			.channel_close_function = on_close,
		},
	};
	ssh_callbacks_init(&c->callbacks);
	ssh_set_channel_callbacks(ssh, &c->callbacks);
	return ssh;
}

/* Not ssh_channel_is_closed alone: it is true as soon as we have closed our side. */
static bool is_over(const struct sshd_channel *c)
{
	if (c->is_closed)
		return true;
	if (!c->is_finished)
		return ssh_channel_is_closed(c->ssh) != 0;
	return clock_monotonic_ms() - c->finished_ms > FINISH_MS;
}

void sshd_channel_reap(struct sshd_session *s, bool all)
{
	for (size_t i = 0; i < SSHD_CHANNELS_MAX; i++) {
		struct sshd_channel *c = &s->channels[i];

		if (!c->ssh || (!all && !is_over(c)))
			continue;
		if (c->is_commanded)
			s->hooks->closed(s->hooks->context, i);
		ssh_remove_channel_callbacks(c->ssh, &c->callbacks);
		ssh_channel_free(c->ssh);
		c->ssh = NULL;
	}
}

static struct sshd_channel *channel_at(struct sshd_session *s, size_t channel)
{
	ASSERT(channel < SSHD_CHANNELS_MAX);
	return &s->channels[channel];
}

size_t sshd_channel_read(struct sshd_session *s, size_t channel, char *to, size_t room)
{
	struct sshd_channel *c = channel_at(s, channel);
	int n;

	if (!c->ssh || c->is_closed)
		return 0;
	if (room > WRITE_MAX)
		room = WRITE_MAX;
	n = ssh_channel_read_nonblocking(c->ssh, to, u32_from_size(room), 0);
	return n > 0 ? (size_t)n : 0;
}

bool sshd_channel_at_end(struct sshd_session *s, size_t channel)
{
	struct sshd_channel *c = channel_at(s, channel);

	return !c->ssh || c->is_closed || ssh_channel_is_eof(c->ssh) != 0;
}

size_t sshd_channel_room(struct sshd_session *s, size_t channel)
{
	struct sshd_channel *c = channel_at(s, channel);
	size_t window;

	if (!c->ssh || c->is_closed || c->is_finished || sshd_session_is_full(s))
		return 0;
	window = ssh_channel_window_size(c->ssh);
	return window < WRITE_MAX ? window : WRITE_MAX;
}

size_t sshd_channel_write(struct sshd_session *s, size_t channel, struct str bytes, bool to_stderr)
{
	struct sshd_channel *c = channel_at(s, channel);
	size_t room = sshd_channel_room(s, channel);
	uint32_t length;
	int n;

	if (room == 0 || bytes.n == 0)
		return 0;
	length = u32_from_size(bytes.n < room ? bytes.n : room);
	n = to_stderr ? ssh_channel_write_stderr(c->ssh, bytes.p, length)
		      : ssh_channel_write(c->ssh, bytes.p, length);
	return n > 0 ? (size_t)n : 0;
}

void sshd_channel_finish(struct sshd_session *s, size_t channel, int exit_status)
{
	struct sshd_channel *c = channel_at(s, channel);

	if (!c->ssh || c->is_finished)
		return;
	c->is_finished = true;
	c->finished_ms = clock_monotonic_ms();
	if (c->is_closed)
		return;
	(void)ssh_channel_send_eof(c->ssh);
	(void)ssh_channel_request_send_exit_status(c->ssh, exit_status);
	(void)ssh_channel_close(c->ssh);
}
