/* The asks of one child; see ssh_broker.h. A malformed ask ends the connection. */
#include "roles/ssh_broker.h"

#include "base/clock.h"
#include "base/mem.h"
#include "domain/key.h"
#include "git/operation.h"
#include "store/db.h"

#include <sys/socket.h>

#define COMMANDS_MAX 32
#define KEY_BLOB_MAX 4096
#define STACK_BYTES ((size_t)512 * 1024)

int ssh_broker_thread(void *(*run)(void *context), void *context, struct err *e)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int rc;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	rc = pthread_create(&thread, &attributes, run, context);
	pthread_attr_destroy(&attributes);
	return rc == 0 ? 0 : err_errno(e, rc, "start a thread");
}

void ssh_connection_answer(struct ssh_connection *c, const struct ssh_answer *answer,
			   const int *fds, size_t fd_count)
{
	struct err e = { 0 };

	if (ssh_packet_send(c->socket, answer, sizeof(*answer), fds, fd_count, &e) < 0)
		LOG(&c->broker->app->log, LOG_DEBUG, "ssh child is gone", F_C("ip", c->address),
		    F_ERR(&e));
}

void ssh_connection_drop(struct ssh_connection *c, struct ssh_command *command)
{
	struct ssh_command **at = &c->commands;

	pthread_mutex_lock(&c->lock);
	while (*at != command)
		at = &(*at)->next;
	*at = command->next;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	arena_close(command->arena);
	mem_free(command);
}

static bool is_signed_in(const struct ssh_connection *c)
{
	return c->blob.n > 0;
}

/* A signature was verified: from here on every command is this key's. */
static void sign_in(struct ssh_connection *c, struct db *db, struct str blob, struct actor *actor)
{
	struct ssh_control control;
	struct err e = { 0 };

	buf_add(&c->blob, blob);
	ssh_control_init(&control, SSH_CONTROL_SIGNED_IN, c->id);
	if (ssh_packet_send(c->broker->control, &control, sizeof(control), NULL, 0, &e) < 0)
		LOG(&c->broker->app->log, LOG_ERROR, "ssh master does not listen", F_ERR(&e));
	err_clear(&e);
	if (key_note_use(db, actor, &e) < 0)
		LOG(&c->broker->app->log, LOG_WARN, "use of a key was not noted", F_ERR(&e));
	LOG(&c->broker->app->log, LOG_DEBUG, "ssh sign-in", F_STR("user", actor->username),
	    F_C("ip", c->address));
}

static bool key_is_known(struct ssh_connection *c, const struct ssh_ask *ask, struct arena *a,
			 struct err *e)
{
	struct public_key key;
	struct actor actor;
	bool found = false;
	AUTO_DB db = NULL;

	if (key_parse(a, str_c(ask->text), &key, e) < 0) {
		err_clear(e); /* a kind of key that nobody can have added */
		return false;
	}
	if (db_acquire(c->broker->app->db, &db, e) < 0 ||
	    key_find(db, key.blob, a, &actor, &found, e) < 0 || !found)
		return false;
	actor.ip = str_c(c->address);
	if (ask->proved != 0)
		sign_in(c, db, key.blob, &actor);
	return true;
}

static int on_key(struct ssh_connection *c, const struct ssh_ask *ask, struct err *e)
{
	struct arena *a;
	struct ssh_answer answer;
	struct err failed = { 0 };

	if (is_signed_in(c))
		return err_set(e, ERR_INVALID, "a key was offered after signing in");
	a = arena_open(0);
	ssh_answer_init(&answer, SSH_ANSWER_KEY, 0, 0);
	answer.verdict = key_is_known(c, ask, a, &failed) ? SSH_VERDICT_YES : SSH_VERDICT_NO;
	if (failed.code != ERR_NONE)
		LOG(&c->broker->app->log, LOG_ERROR, "ssh key was not looked up", F_ERR(&failed));
	arena_close(a);
	ssh_connection_answer(c, &answer, NULL, 0);
	return 0;
}

static size_t count_commands(struct ssh_connection *c)
{
	size_t n = 0;

	pthread_mutex_lock(&c->lock);
	for (const struct ssh_command *k = c->commands; k; k = k->next)
		n++;
	pthread_mutex_unlock(&c->lock);
	return n;
}

static int on_exec(struct ssh_connection *c, const struct ssh_ask *ask, struct err *e)
{
	struct ssh_command *command;

	if (!is_signed_in(c))
		return err_set(e, ERR_INVALID, "a command came before signing in");
	if (count_commands(c) >= COMMANDS_MAX)
		return err_set(e, ERR_INVALID, "too many commands at once");
	command = MEM_NEW(struct ssh_command);
	command->connection = c;
	command->channel = ask->channel;
	command->serial = ask->serial;
	command->protocol = (int)ask->protocol;
	command->started_ms = clock_monotonic_ms();
	pthread_mutex_lock(&c->lock);
	command->next = c->commands;
	c->commands = command;
	pthread_mutex_unlock(&c->lock);
	ssh_command_exec(command, str_c(ask->text));
	return 0;
}

/* The command without a thread of that ask, or NULL: it may have ended meanwhile. */
static struct ssh_command *waiting_command(struct ssh_connection *c, const struct ssh_ask *ask)
{
	struct ssh_command *found = NULL;

	pthread_mutex_lock(&c->lock);
	for (struct ssh_command *k = c->commands; k; k = k->next) {
		if (k->channel == ask->channel && k->serial == ask->serial && !k->has_thread)
			found = k;
	}
	pthread_mutex_unlock(&c->lock);
	return found;
}

static void on_start(struct ssh_connection *c, const struct ssh_ask *ask)
{
	struct ssh_command *command = waiting_command(c, ask);

	if (command)
		ssh_command_start(command);
}

/* Locked. The thread of the command sees the end of its operation, or the mark before it starts. */
static void cancel(struct ssh_command *k)
{
	k->is_cancelled = true;
	if (k->operation)
		git_operation_cancel(k->operation);
}

static void on_hangup(struct ssh_connection *c, const struct ssh_ask *ask)
{
	struct ssh_command *command = waiting_command(c, ask);

	if (command) {
		struct err none = { 0 };

		ssh_command_log(command, &none);
		ssh_connection_drop(c, command);
		return;
	}
	pthread_mutex_lock(&c->lock);
	for (struct ssh_command *k = c->commands; k; k = k->next) {
		if (k->channel == ask->channel && k->serial == ask->serial)
			cancel(k);
	}
	pthread_mutex_unlock(&c->lock);
}

/* One ask. False when the connection is over. */
static bool serve_ask(struct ssh_connection *c, struct err *e)
{
	struct ssh_ask raw;
	struct ssh_ask ask;
	int fds[SSH_MESSAGE_FDS_MAX];
	size_t fd_count;
	size_t n;

	if (ssh_packet_receive(c->socket, &raw, sizeof(raw), &n, fds, &fd_count, e) < 0 || n == 0)
		return false;
	for (size_t i = 0; i < fd_count; i++)
		close(fds[i]);
	if (ssh_ask_check(&raw, n, &ask, e) < 0)
		return false;
	switch (ask.kind) {
	case SSH_ASK_KEY:
		return on_key(c, &ask, e) == 0;
	case SSH_ASK_EXEC:
		return on_exec(c, &ask, e) == 0;
	case SSH_ASK_START:
		on_start(c, &ask);
		return true;
	default:
		on_hangup(c, &ask);
		return true;
	}
}

/* Cancels what runs, drops what waits, and returns when nothing is left. */
static void end_commands(struct ssh_connection *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->commands) {
		struct ssh_command *waiting = NULL;

		for (struct ssh_command *k = c->commands; k; k = k->next) {
			cancel(k);
			if (!k->has_thread)
				waiting = k;
		}
		if (!waiting) {
			pthread_cond_wait(&c->changed, &c->lock);
			continue;
		}
		pthread_mutex_unlock(&c->lock);
		ssh_connection_drop(c, waiting);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
}

static void unlist(struct ssh_connection *c)
{
	struct ssh_broker *b = c->broker;
	struct ssh_connection **at = &b->connections;

	pthread_mutex_lock(&b->lock);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	pthread_mutex_unlock(&b->lock);
}

static void free_connection(struct ssh_connection *c)
{
	close(c->socket);
	buf_fini(&c->blob);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->changed);
	mem_free(c);
}

static void *run(void *context)
{
	struct ssh_connection *c = context;
	struct ssh_broker *b = c->broker;
	struct err e = { 0 };

	while (serve_ask(c, &e))
		continue;
	if (e.code != ERR_NONE)
		LOG(&b->app->log, LOG_ERROR, "ssh child broke the rules", F_C("ip", c->address),
		    F_ERR(&e));
	/* No more asks are taken; the child notices its socket's end and leaves. */
	(void)shutdown(c->socket, SHUT_RDWR);
	end_commands(c);
	unlist(c);
	free_connection(c);
	pthread_mutex_lock(&b->lock);
	b->threads--;
	pthread_cond_signal(&b->emptied);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

int ssh_connection_start(struct ssh_broker *b, const struct ssh_control *control, int socket,
			 struct err *e)
{
	struct ssh_connection *c = MEM_NEW(struct ssh_connection);
	bool is_draining;

	c->broker = b;
	c->id = control->id;
	c->socket = socket;
	memcpy(c->address, control->address, sizeof(c->address));
	buf_init(&c->blob, KEY_BLOB_MAX);
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	pthread_mutex_lock(&b->lock);
	c->next = b->connections;
	b->connections = c;
	b->threads++;
	is_draining = b->is_draining;
	pthread_mutex_unlock(&b->lock);
	/* Announced before the master heard of the drain: nobody else tells this one. */
	if (is_draining) {
		struct ssh_answer answer;

		ssh_answer_init(&answer, SSH_ANSWER_DRAIN, 0, 0);
		ssh_connection_answer(c, &answer, NULL, 0);
	}
	if (ssh_broker_thread(run, c, e) == 0)
		return 0;
	unlist(c);
	free_connection(c);
	pthread_mutex_lock(&b->lock);
	b->threads--;
	pthread_mutex_unlock(&b->lock);
	return -(int)e->code;
}
