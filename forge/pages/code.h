/*
 * Where in the code a page stands: branch picker, path, buttons. Every page
 * under /-/tree, /-/blob, /-/commits, /-/find_file begins with code_at.
 */
#ifndef PAGES_CODE_H
#define PAGES_CODE_H

#include "git/repo.h"
#include "pages/page.h"

struct view_code_crumb {
	struct str name, ref_path;
	bool is_last;
};

struct view_code_bar {
	struct str project; /* path, for links */
	struct str root;    /* the project's last segment */
	struct str ref;     /* as in the URL */
	struct str ref_short;
	struct str path; /* for people */
	struct str here; /* ref and path as in the URL */
	struct str permalink;
	bool is_tag, is_commit, is_folder;
	struct view_code_crumb *crumbs;
	size_t crumbs_count;
	struct view_name *branches;
	size_t branches_count;
	struct view_name *tags;
	size_t tags_count;
	struct str archive_zip, archive_tar_gz, archive_tar;
};

/* What the URL names; {ref_path} none: the default branch. ERR_NOT_FOUND with a sentence. */
MUST_USE int code_at(struct request *rq, struct str ref_path, struct repo **repo,
		     struct place *place, struct err *e);

/* permalink_route: of the same page at a commit ("ref_path" is its second parameter). */
void code_bar(struct request *rq, struct repo *repo, const struct place *place, bool is_folder,
	      enum route_id permalink_route, struct view_code_bar *bar);

/* "main/src/x.c" */
struct str code_join(struct request *rq, struct str ref, struct str path);
/* "main/name-main.zip" for the archive route. */
struct str code_archive(struct request *rq, struct str ref, const char *end);

/* Addresses of other forges: code_forms.c. */
route_handler page_form_tree;
route_handler page_form_blob;
route_handler page_form_raw;
route_handler page_form_commits;
route_handler page_form_commit;

#endif
