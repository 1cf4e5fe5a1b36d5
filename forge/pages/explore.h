/* Lists of all projects and groups that one may see. */
#ifndef PAGES_EXPLORE_H
#define PAGES_EXPLORE_H

#include "pages/project_row.h"

struct view_explore {
	struct view_page page;
	struct str search;
	bool mine, archived;
	struct view_project_row *projects;
	size_t projects_count;
	struct view_pager pager;
};

struct view_explore_groups {
	struct view_page page;
	struct str search;
	struct view_group_row *groups;
	size_t groups_count;
	struct view_pager pager;
};

route_handler page_explore;
route_handler page_explore_groups;

#endif
