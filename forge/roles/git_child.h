/*
 * What a forked operation has: its request, its connection to the front, its
 * streams, its repository. One file an operation implements
 * `int git_op_x(struct git_child *c, struct err *e)`; the table is in git_child.c.
 * The result becomes DONE. Single-threaded; everything dies with the process.
 */
#ifndef ROLES_GIT_CHILD_H
#define ROLES_GIT_CHILD_H

#include "base/arena.h"
#include "git/message.h"
#include "git/process.h"
#include "roles/git_sandbox.h"

#include <limits.h>

struct git_child {
	struct git_request rq;
	const char *config_path;
	char repo[PATH_MAX]; /* "" for render */
	int connection;
	int in; /* -1: none */
	int out;
	int err;
	struct arena *arena;
	bool has_told; /* the client has read how it ended */
};

/* From the zygote, after fork. Never returns. */
struct git_child_start {
	const struct git_request *rq;
	const char *data;
	const char *config_path;
	const struct git_sandbox *sandbox;
	pid_t zygote;
	int connection;
	const int *streams;
	size_t stream_count;
};
NORETURN void git_child_run(const struct git_child_start *start);

MUST_USE int git_child_send(struct git_child *c, const struct git_message *m, struct err *e);
MUST_USE int git_child_receive(struct git_child *c, struct git_message *m, struct err *e);
/* The same; *fd: the descriptor that came along (yours to close), or -1. */
MUST_USE int git_child_receive_with(struct git_child *c, struct git_message *m, int *fd,
				    struct err *e);
/* A message of this type or ERR_INTERNAL; GIT_MSG_ABORT becomes ERR_CONFLICT with its text. */
MUST_USE int git_child_expect(struct git_child *c, enum git_message_type type,
			      struct git_message *m, struct err *e);

/* A command on this repository with all streams null. */
struct git_command git_child_command(const struct git_child *c, const char *const *args);

/* <repo>/<format...> in the arena. */
char *git_child_path(struct git_child *c, const char *format, ...) PRINTF_LIKE(2, 3);

int git_op_init(struct git_child *c, struct err *e);
int git_op_remove(struct git_child *c, struct err *e);
int git_op_upload(struct git_child *c, struct err *e);
int git_op_pack(struct git_child *c, struct err *e);
int git_op_receive(struct git_child *c, struct err *e);
int git_op_refs(struct git_child *c, struct err *e);
int git_op_settle(struct git_child *c, struct err *e);
int git_op_maintain(struct git_child *c, struct err *e);
int git_op_archive(struct git_child *c, struct err *e);
int git_op_blame(struct git_child *c, struct err *e);
int git_op_merge(struct git_child *c, struct err *e);
int git_op_render(struct git_child *c, struct err *e);

#endif
