/* Branches: list, create, remove. */
#ifndef PAGES_BRANCH_H
#define PAGES_BRANCH_H

#include "pages/commit.h"

struct view_branch {
	struct str name;
	bool is_default, is_protected, may_delete;
	const char *environment; /* "staging", "production" or NULL */
	struct view_commit commit;
	int64_t ahead, behind;
	struct str compare; /* "main...feature" */
};

struct view_branches {
	struct view_page page;
	struct view_problem problem;
	struct str search, name, from;
	bool may_write, may_request;
	struct view_branch *branches;
	size_t branches_count;
	struct view_pager pager;
};

route_handler page_branches;
route_handler page_branch_create;
route_handler page_branch_remove;

#endif
