/* Folders: the table of files, README, and finding a file. */
#ifndef PAGES_TREE_H
#define PAGES_TREE_H

#include "pages/commit.h"
#include "render/html.h"

struct view_tree_row {
	const char *kind; /* "folder", "file", "symlink", "submodule" */
	struct str label, ref_path, submodule_url, short_oid;
	bool has_change;
	struct str subject, commit;
	struct instant when;
};

struct view_tree {
	struct view_code_bar bar;
	bool has_last;
	struct view_commit last;
	bool has_parent;
	struct str parent; /* ref and path */
	struct view_tree_row *rows;
	size_t rows_count;
	bool is_cut;
	size_t total;
	bool is_incomplete; /* not every last change was found in time */
	struct str more;    /* where a script asks for them */
	struct str readme_name, readme_path;
	struct html readme;
};

struct view_tree_show {
	struct view_page page;
	struct view_tree tree;
};

struct view_find_row {
	struct str label, ref_path;
};

struct view_find {
	struct view_page page;
	struct view_code_bar bar;
	struct str q;
	struct view_find_row *files;
	size_t files_count;
	bool is_cut;
};

/* Shared by the project's home and /-/tree. */
MUST_USE int tree_view(struct request *rq, struct repo *repo, const struct place *place,
		       struct view_tree *view, struct err *e);

route_handler page_tree;
route_handler page_tree_default;
route_handler page_find_file;
route_handler page_archive;

#endif
