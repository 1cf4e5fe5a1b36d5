/*
 * What the files of the broker share. One thread a connection (reads its
 * asks), one a running operation; both end before the connection is freed.
 *
 *	ssh_broker.c      start, the master's announcements, drain
 *	ssh_connection.c  the asks of one child
 *	ssh_command.c     who may: key, access, what is handed to the child
 *	ssh_operation.c   the git operation behind a command
 *
 * Lock order: broker.lock, then connection.lock; neither is held while talking
 * to the database, a child or an operation.
 */
#ifndef ROLES_SSH_BROKER_H
#define ROLES_SSH_BROKER_H

#include "app.h"
#include "domain/access.h"
#include "roles/ssh_message.h"
#include "ssh/git_command.h"

#include <pthread.h>

#define SSH_REQUEST_ID_BYTES 8

struct ssh_connection;
struct git_operation;

struct ssh_broker {
	struct app *app;
	int control; /* to the master */
	pid_t master;
	pthread_mutex_t lock;
	pthread_cond_t emptied;
	struct ssh_connection *connections; /* lock */
	size_t threads;                     /* lock: of connections */
	bool is_draining;                   /* lock */
};

/* One command on one channel, from its EXEC to its end. Belongs to its connection's list. */
struct ssh_command {
	struct ssh_command *next;
	struct ssh_connection *connection;
	uint32_t channel;
	uint32_t serial;
	int protocol;
	struct git_command git;
	int64_t started_ms;

	/* Made new by every ssh_command_check. */
	struct arena *arena;
	struct actor actor;
	struct project_access found;
	const char *request_id;

	/* Guarded by connection.lock. */
	bool has_thread;
	bool is_cancelled;
	struct git_operation *operation;
};

struct ssh_connection {
	struct ssh_connection *next; /* broker.lock */
	struct ssh_broker *broker;
	uint64_t id;
	int socket;
	char address[64];
	struct buf blob; /* of the key that signed in; empty before */

	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ssh_command *commands; /* lock */
};

/* Starts the connection's thread, which frees it; takes socket. */
MUST_USE int ssh_connection_start(struct ssh_broker *b, const struct ssh_control *control,
				  int socket, struct err *e);
/* Sends one answer; a child that is gone is no error here, its end is seen by the reader. */
void ssh_connection_answer(struct ssh_connection *c, const struct ssh_answer *answer,
			   const int *fds, size_t fd_count);
/* Off the list, then freed. */
void ssh_connection_drop(struct ssh_connection *c, struct ssh_command *command);
/* A detached thread with a small stack. */
MUST_USE int ssh_broker_thread(void *(*run)(void *context), void *context, struct err *e);

/*
 * Whose key it is and whether they may do it, asked anew each time: a key that
 * was removed, a user who was blocked, a member who left is refused at once.
 */
MUST_USE int ssh_command_check(struct ssh_command *command, struct err *e);
/* Answers EXEC: refuses, greets, hands over the refs, or starts the operation. */
void ssh_command_exec(struct ssh_command *command, struct str text);
/* Answers START. */
void ssh_command_start(struct ssh_command *command);
/* Answers EXEC with the error's sentence and drops the command. */
void ssh_command_refuse(struct ssh_command *command, const struct err *e);
/* One line for the log. */
void ssh_command_log(const struct ssh_command *command, const struct err *e);

/* Runs the operation in a thread of its own, which answers EXEC and ENDED and drops the command. */
void ssh_operation_start(struct ssh_command *command);
/* Before the first command of a project: makes its folder, finishes what a crash left. */
MUST_USE int ssh_operation_prepare(struct ssh_command *command, struct err *e);

#endif
