/*
 * One command of a client inside the ssh child: what it asked, how far it is,
 * and the bytes under way. Three kinds of work, one table of states:
 *
 *	state     waits for                     then
 *	FREE      the client's command          ASKED
 *	ASKED     the broker's verdict          SAYING, SERVING or RUNNING
 *	SERVING   the client: v2 commands, or   ls-refs are answered here; anything that needs
 *	          the commands of a push        objects: STARTING; end or flush: SAYING
 *	STARTING  the operation's stream        RUNNING, or SAYING when it is refused
 *	RUNNING   bytes both ways               SAYING when all ends have ended and ENDED came
 *	SAYING    the last bytes to be sent     FREE when the channel is closed
 *
 * Bytes wait in three places, each bounded: `in` from the client, `out` and
 * `complaint` to it. Nothing is read while the place it would go to is not
 * empty, so a slow side slows the other down and memory stays flat.
 *
 * Threads: one.
 */
#ifndef ROLES_SSH_STREAM_H
#define ROLES_SSH_STREAM_H

#include "base/buf.h"
#include "roles/ssh_message.h"
#include "ssh/git_command.h"
#include "ssh/sshd.h"

#include <poll.h>

enum ssh_stream_state {
	SSH_STREAM_FREE,
	SSH_STREAM_ASKED,
	SSH_STREAM_SERVING,
	SSH_STREAM_STARTING,
	SSH_STREAM_RUNNING,
	SSH_STREAM_SAYING,
};

/* Bytes on their way: those before `at` are gone already. */
struct ssh_queue {
	struct buf bytes;
	size_t at;
};

struct ssh_stream {
	enum ssh_stream_state state;
	struct sshd_session *session;
	size_t channel;
	uint32_t serial;
	int broker;
	enum git_service service; /* while SERVING */
	int protocol;

	struct arena *arena; /* the refs while SERVING */
	void *mapped;
	size_t mapped_size;
	struct ref_snapshot *refs;

	int to_operation; /* -1: closed */
	int from_operation;
	int complaints_of_operation;
	struct ssh_queue in;
	struct ssh_queue out;
	struct ssh_queue complaint;
	bool is_rekeying;   /* the last write was refused though there was room */
	bool is_unfinished; /* the last pump stopped to let others have their turn */
	bool is_held;       /* the broker keeps the command until it ends it or is told */
	bool has_ended;     /* the broker said so */
	int status;
};

void ssh_stream_init(struct ssh_stream *s, struct sshd_session *session, int broker,
		     size_t channel);
/* Frees what it holds; hangs up on the broker if an operation may run. */
void ssh_stream_reset(struct ssh_stream *s);

/* The client's command: asks the broker. */
MUST_USE int ssh_stream_ask(struct ssh_stream *s, uint32_t serial, struct str command, int protocol,
			    struct err *e);
/* Ends it with a sentence of our own and exit status 1. */
void ssh_stream_refuse(struct ssh_stream *s, struct str sentence);

/* The broker's EXEC or ENDED; takes the descriptors. A late one for an older command is dropped. */
MUST_USE int ssh_stream_answer(struct ssh_stream *s, const struct ssh_answer *answer,
			       const int *fds, size_t fd_count, struct err *e);

/* Adds what it waits for; says how many entries it used (at most 3). */
size_t ssh_stream_poll(const struct ssh_stream *s, struct pollfd *to);
/* Moves what can be moved now. */
MUST_USE int ssh_stream_pump(struct ssh_stream *s, struct err *e);

/*
 * True if a pump could move more at once and no descriptor says so: it stopped
 * for fairness, or reading from the client took in the message that re-opened
 * the window.
 */
bool ssh_stream_can_go_on(const struct ssh_stream *s);

/* SERVING, in ssh_serve.c: one step over the bytes in `in`. */
MUST_USE int ssh_serve_begin(struct ssh_stream *s, int fd, uint64_t size, struct err *e);
MUST_USE int ssh_serve_step(struct ssh_stream *s, struct err *e);
void ssh_serve_end(struct ssh_stream *s);

/* For ssh_serve.c. */
MUST_USE int ssh_stream_start(struct ssh_stream *s, struct err *e);
void ssh_stream_finish(struct ssh_stream *s, int status);
struct str ssh_queue_rest(const struct ssh_queue *q);
bool ssh_queue_is_empty(const struct ssh_queue *q);
void ssh_queue_drop(struct ssh_queue *q, size_t n);

#endif
