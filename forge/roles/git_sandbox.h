/*
 * What an operation takes from itself before it reads a stranger's byte:
 * resource limits, the file system but for one repository (Landlock), and
 * system calls it has no use for (seccomp). git inherits all three.
 *
 * Modes: auto takes what the kernel offers, required refuses to start where
 * something is missing, off takes only the resource limits.
 */
#ifndef ROLES_GIT_SANDBOX_H
#define ROLES_GIT_SANDBOX_H

#include "base/arena.h"
#include "base/err.h"
#include "git/message.h"

enum git_sandbox_mode { GIT_SANDBOX_AUTO, GIT_SANDBOX_REQUIRED, GIT_SANDBOX_OFF };

/* Made once by the zygote: what the kernel can do, and the compiled filters. */
struct git_sandbox;

/* Fails in mode required if the kernel lacks something. */
MUST_USE int git_sandbox_prepare(enum git_sandbox_mode mode, struct arena *a,
				 const struct git_sandbox **sandbox, struct err *e);
/* One line for the log at start: "landlock 7, seccomp" or what is missing. */
const char *git_sandbox_summary(const struct git_sandbox *sandbox);

/* In the operation. A step that was promised by prepare and fails now is an error: fail closed. */
MUST_USE int git_sandbox_limit(const struct git_request *rq, struct err *e);
/*
 * folder: the one that may be written (NULL: none); config_path: a file to
 * read. is_pure: no files, no programs at all, only the open descriptors.
 */
MUST_USE int git_sandbox_enter(const struct git_sandbox *sandbox, const char *folder,
			       const char *config_path, bool is_pure, struct err *e);

#endif
