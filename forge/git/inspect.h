/*
 * Rules about a push's objects that git does not know: the size of a file, the
 * depth of folders, the length of a path. git itself (2.39) crashes on trees
 * that are some 20,000 levels deep, so no such tree may get in.
 *
 * Looks at new objects only. A folder that was in the store before is entered
 * only where it stands at a path at which no parent of the commit has it.
 *
 * Runs inside the operation's sandbox, on objects index-pack --strict accepted.
 */
#ifndef GIT_INSPECT_H
#define GIT_INSPECT_H

#include "base/arena.h"
#include "base/err.h"

#define GIT_DEPTH_MAX 512
#define GIT_PATH_BYTES_MAX 4096

/* max_file_bytes 0: none. ERR_TOO_LARGE or ERR_UNPROCESSABLE with the rule and the path. */
MUST_USE int git_inspect(const char *repo_path, const char *quarantine, int64_t max_file_bytes,
			 struct arena *a, struct err *e);

#endif
