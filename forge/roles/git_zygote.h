/*
 * The git zygote: listens on git.sock, admits operations, forks one process for
 * each, ends those whose front hung up or whose time is over, and logs each at
 * its end. Single-threaded, no database, no network, no repository opened.
 * Protocol: git/message.h. Who calls: every process that has the socket's folder.
 */
#ifndef ROLES_GIT_ZYGOTE_H
#define ROLES_GIT_ZYGOTE_H

#include "base/err.h"
#include "base/log.h"
#include "roles/git_sandbox.h"

struct git_zygote_options {
	const char *data;
	const char *run;
	const struct log *log;
	enum git_sandbox_mode sandbox;
	int stop_fd; /* readable: stop accepting, let what runs finish */
	int64_t drain_ms;
	void (*ready)(void *closure); /* called once when it serves; may be NULL */
	void *ready_closure;
};

/* Serves until stop_fd is readable and the last operation has ended. */
MUST_USE int git_zygote_run(const struct git_zygote_options *options, struct err *e);

#endif
