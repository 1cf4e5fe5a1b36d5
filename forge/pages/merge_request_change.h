/* The changes of a merge request, with the threads at their lines. */
#ifndef PAGES_MERGE_REQUEST_CHANGE_H
#define PAGES_MERGE_REQUEST_CHANGE_H

#include "pages/diff.h"
#include "pages/merge_request.h"

/* The hidden fields of a comment at a line. */
struct view_line_form {
	struct str action;
	struct str base_sha, start_sha, head_sha, old_path, new_path;
	int64_t old_line, new_line, version;
	struct str cancel; /* whole URL */
};

struct view_change_line {
	const struct diff_row *row;
	bool may_comment, has_form;
	struct view_line_form form;
	struct view_discussion *talks;
	size_t talks_count;
};

struct view_change_file {
	const struct diff_file_view *file;
	struct view_change_line *lines;
	size_t lines_count;
};

struct view_version {
	int64_t number;
	struct str short_sha, link;
	bool is_chosen;
	struct instant created;
};

struct view_merge_changes {
	struct view_page page;
	struct view_merge_head head;
	struct view_diff diff;
	struct view_change_file *files;
	size_t files_count;
	struct view_version *versions;
	size_t versions_count;
	int64_t version; /* shown */
	bool is_latest, may_write;
	struct view_discussion *below; /* threads at lines that are not shown */
	size_t below_count;
	int64_t elsewhere;       /* more of them */
	struct str comment_link; /* + line code: the page with a form at that line */
};

#endif
