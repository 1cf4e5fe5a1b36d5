/*
 * Who wrote which line of a file: `git blame` as a git operation, and its
 * porcelain output read. git's output carries names and texts of strangers:
 * everything in a struct blame is valid UTF-8 and bounded, whatever it says.
 *
 * Ownership: the given arena. Threads: any.
 */
#ifndef GIT_BLAME_H
#define GIT_BLAME_H

#include "git/commit.h"

struct blame_commit {
	struct oid oid;
	struct str author;
	struct str email;
	struct instant when; /* the author's */
	struct str subject;
	bool has_previous; /* the lines were changed, not made: before it they were there */
	struct oid previous;
	struct str previous_path;
};

/* Lines that stand together and are of one commit. */
struct blame_part {
	const struct blame_commit *commit;
	size_t first; /* line number, from 1 */
	struct str *lines;
	size_t count;
};

struct blame {
	struct blame_part *parts;
	size_t count;
	size_t lines;
	bool is_cut; /* there are more lines than were read */
};

struct blame_request {
	const char *run; /* folder of git.sock */
	int64_t project_id;
	int64_t user_id;
	const char *request_id;
	struct oid commit;
	struct str path;
	size_t lines_max;
};

#define BLAME_BYTES_MAX (32u << 20) /* of git's output */

/* ERR_TOO_LARGE for a longer path or output than fits; else what git_operation_start says. */
MUST_USE int blame_file(const struct blame_request *request, struct arena *a, struct blame *blame,
			struct err *e);

/* Pure: ERR_INTERNAL if it is no porcelain output. */
MUST_USE int blame_parse(struct str porcelain, size_t lines_max, struct arena *a,
			 struct blame *blame, struct err *e);

#endif
