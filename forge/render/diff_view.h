/*
 * A diff as templates show it: rows with classes and anchors, and the changed
 * words inside a changed line marked. Nothing here is HTML: the parts are text
 * that the template escapes.
 *
 * Ownership: in the given arena; texts are borrowed from the diff.
 * Threads: pure functions.
 */
#ifndef RENDER_DIFF_VIEW_H
#define RENDER_DIFF_VIEW_H

#include "git/diff.h"

struct diff_part {
	struct str text;
	bool is_changed;
};

struct diff_row {
	struct str kind;  /* "context", "add", "remove", "hunk", "note": the row's class */
	struct str sign;  /* " ", "+", "-" */
	int64_t old_line; /* 0 = none */
	int64_t new_line;
	bool has_old, has_new;
	struct str line_code; /* "<file hash>_<old>_<new>": anchor, and the address of a comment */
	struct diff_part *parts;
	size_t parts_count;
};

struct diff_file_view {
	const struct diff_file *file;
	struct str anchor;   /* "diff-<hash of path>" */
	struct str path;     /* label of the new path */
	struct str old_path; /* label; differs from path only if is_renamed */
	struct str url_path; /* bytes of new_path, for {{ url }} */
	struct str status;   /* "added", "deleted", "modified", "renamed", "copied", "type" */
	bool is_added, is_deleted, is_renamed, is_binary, is_too_large, is_over_limit, is_submodule,
		mode_changed, has_rows, counted;
	struct str old_mode, new_mode;   /* "100644" */
	struct str old_short, new_short; /* of oids, for submodules */
	int64_t similarity;
	int64_t added, removed;
	struct diff_row *rows;
	size_t rows_count;
};

struct diff_view {
	struct diff_file_view *files;
	size_t files_count;
	int64_t files_total;
	int64_t added, removed;
	struct str limit; /* "" or the sentence */
	bool has_limit;
};

void diff_view_make(const struct diff *diff, struct arena *a, struct diff_view *view);

#endif
