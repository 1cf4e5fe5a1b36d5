/* Comparing two branches, tags or commits. */
#ifndef PAGES_COMPARE_H
#define PAGES_COMPARE_H

#include "pages/commit.h"

#define COMPARE_COMMITS 100

struct view_compare {
	struct view_page page;
	struct view_problem problem;
	struct str from, to, swap;
	struct view_name *refs;
	size_t refs_count;
	bool is_done, is_unrelated, has_more;
	struct view_commit *commits;
	size_t commits_count;
	struct view_diff diff;
};

route_handler page_compare;
route_handler page_compare_show;

#endif
