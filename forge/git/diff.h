/*
 * What changed between two trees: files, hunks, lines; bounded, and what was
 * left out is said (diff.limit, file.omitted) so that the page can say it too.
 *
 * Paths are bytes with a `label` for people, as in tree.h. Line texts are the
 * file's bytes without the line end, converted to UTF-8 as commit.h says.
 *
 * Ownership: results live in the given arena. Threads: as the repo.
 */
#ifndef GIT_DIFF_H
#define GIT_DIFF_H

#include "git/tree.h"

#include "base/buf.h"

#define DIFF_FILES_MAX 3000
#define DIFF_FILE_BYTES_MAX (1u << 20)
#define DIFF_BYTES_MAX (5u << 20)
#define DIFF_LINES_MAX 50000
#define DIFF_RENAMES_MAX 400

enum diff_status {
	DIFF_ADDED,
	DIFF_DELETED,
	DIFF_MODIFIED,
	DIFF_RENAMED,
	DIFF_COPIED,
	DIFF_TYPE_CHANGED,
};

enum diff_omitted {
	DIFF_SHOWN,
	DIFF_BINARY,
	DIFF_TOO_LARGE,  /* the file is over DIFF_FILE_BYTES_MAX */
	DIFF_OVER_LIMIT, /* the whole diff is over a limit; ask for this file alone */
	DIFF_SUBMODULE,  /* old_oid and new_oid are commits elsewhere */
};

enum diff_line_kind { DIFF_CONTEXT, DIFF_ADD, DIFF_REMOVE, DIFF_NO_NEWLINE };

struct diff_line {
	enum diff_line_kind kind;
	int old_line; /* from 1; 0 if not on that side */
	int new_line;
	struct str text;
};

struct diff_hunk {
	struct str header; /* "@@ -1,7 +1,9 @@ int main(void)" */
	int old_start, old_count, new_start, new_count;
	struct diff_line *lines;
	size_t lines_count;
};

struct diff_file {
	enum diff_status status;
	struct str old_path, new_path; /* the same unless renamed, copied; both set always */
	struct str label;              /* of new_path */
	struct str old_label;
	unsigned old_mode, new_mode; /* 0 = not there */
	struct oid old_oid, new_oid;
	int similarity; /* percent, of renames and copies */
	size_t added, removed;
	bool counted; /* added and removed are true numbers */
	enum diff_omitted omitted;
	struct diff_hunk *hunks;
	size_t hunks_count;
};

struct diff {
	struct diff_file *files;
	size_t files_count;
	size_t files_total; /* > files_count: cut at DIFF_FILES_MAX */
	size_t added, removed;
	bool renames_skipped; /* too many candidates for rename detection */
	struct str limit;     /* "" or one sentence for people saying what is not shown and why */
};

struct diff_options {
	struct str path;   /* "" or only this file or folder */
	int context;       /* lines around a change; 0 means 3, at most 100 */
	bool ignore_space; /* as git diff -w */
	bool names_only;   /* no hunks, no line counts */
};

/* options may be NULL. Trees of the two commits; a zero `old` is the empty tree. */
MUST_USE int diff_commits(struct repo *repo, const struct oid *old_commit,
			  const struct oid *new_commit, const struct diff_options *options,
			  struct arena *a, struct diff *diff, struct err *e);

/* A commit against its first parent (a root commit against nothing). */
MUST_USE int diff_of_commit(struct repo *repo, const struct oid *commit,
			    const struct diff_options *options, struct arena *a, struct diff *diff,
			    struct err *e);

/* What `head` adds since it left `base` (three dots). *merge_base is set if there is one. */
struct compare {
	bool related;
	struct oid merge_base;
	struct commit_list commits; /* in head, not in base; newest first */
	struct diff diff;
};
MUST_USE int diff_compare(struct repo *repo, const struct oid *base, const struct oid *head,
			  const struct diff_options *options, size_t commits_limit,
			  struct budget budget, struct arena *a, struct compare *compare,
			  struct err *e);

/* `git diff` text of two commits, for .diff; ERR_TOO_LARGE above out's ceiling. */
MUST_USE int diff_text(struct repo *repo, const struct oid *old_commit,
		       const struct oid *new_commit, struct buf *out, struct err *e);
/* `git format-patch --stdout -1` of a commit, for .patch. */
MUST_USE int diff_patch(struct repo *repo, const struct oid *commit, struct buf *out,
			struct err *e);

#endif
