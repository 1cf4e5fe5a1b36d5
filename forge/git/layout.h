/*
 * Where repositories lie, and the names of what Hearth keeps inside one.
 *
 *	<data>/repositories/<2 hex digits of id>/<id>.git/
 *	    HEAD config objects/ refs/ packed-refs     git's own
 *	    objects/incoming-<hex>/                    quarantine of one push
 *	    hearth.generation                          counters, see git/generation.h
 *	    hearth.landing                             flock: one landing at a time
 *	    hearth.objects                             flock: shared while objects are taken in,
 *	                                               exclusive while objects are removed
 *
 * No user's text ever becomes part of a path.
 */
#ifndef GIT_LAYOUT_H
#define GIT_LAYOUT_H

#include "base/err.h"
#include "base/str.h"

#include <limits.h>

#define GIT_FOLDER "repositories"
#define GIT_SOCKET_NAME "git.sock"
#define GIT_QUARANTINE_PREFIX "incoming-"
#define GIT_GENERATION_NAME "hearth.generation"
#define GIT_LANDING_LOCK_NAME "hearth.landing"
#define GIT_OBJECTS_LOCK_NAME "hearth.objects"

/* ERR_INTERNAL only if data is so long that the path does not fit. */
MUST_USE int git_repo_path(char to[static PATH_MAX], const char *data, int64_t project_id,
			   struct err *e);
/* <run>/git.sock; ERR_INTERNAL beyond the 107 bytes a socket's name may have. */
MUST_USE int git_socket_path(char to[static PATH_MAX], const char *run, struct err *e);

/*
 * The rules every ref name must meet before it reaches the disk or git's
 * command line: git check-ref-format's, and besides: it begins with "refs/",
 * is UTF-8 without control bytes, no part begins with "-", is longer than 200
 * bytes or ends in ".lock"; and a branch or tag is neither called HEAD nor
 * looks like an object's name (40 hex digits). ERR_INVALID with the rule.
 * Which *folders* a push may write is policy, see domain/ref_policy.
 */
MUST_USE int git_refname_check(struct str name, struct err *e);

#endif
