/*
 * What an SSH client may ask for: one of three git services on one repository.
 *
 *	git-upload-pack 'group/sub/name.git'      (also "git upload-pack ...")
 *
 * The text comes from a stranger and is never given to a shell: this parser
 * knows the forms git writes (single quotes, with \' and \! outside of them;
 * older clients leave simple words bare) and refuses all else, options above
 * all. The path is cleaned of one leading '/' and one trailing ".git" or '/';
 * what remains has the shape of a project's path, so the refusal of a hostile
 * path and of an unknown project are the same sentence further on.
 *
 * Threads: pure.
 */
#ifndef SSH_GIT_COMMAND_H
#define SSH_GIT_COMMAND_H

#include "base/err.h"
#include "base/str.h"

enum git_service {
	GIT_SERVICE_UPLOAD_PACK = 1, /* clone and fetch */
	GIT_SERVICE_RECEIVE_PACK,    /* push */
	GIT_SERVICE_UPLOAD_ARCHIVE,  /* git archive --remote */
};

#define GIT_COMMAND_MAX 1024 /* bytes of the whole command */
#define GIT_COMMAND_PATH_MAX 512

struct git_command {
	enum git_service service;
	char path[GIT_COMMAND_PATH_MAX]; /* "group/sub/name" */
};

/*
 * ERR_INVALID with a sentence for the person if it is no git command or has
 * arguments; ERR_NOT_FOUND (the sentence of an unknown project) if the path
 * cannot be a project's.
 */
MUST_USE int git_command_parse(struct str text, struct git_command *command, struct err *e);

/* "git-upload-pack" */
const char *git_service_name(enum git_service service);

/*
 * The value of GIT_PROTOCOL: "version=2", also among other "key=value" parts
 * split by ':' (gitprotocol-v2). The highest of 0..2 that is asked for; 0 for
 * anything else.
 */
int git_protocol_version(struct str value);

#endif
