/* The first page: my projects, or the way in. */
#ifndef PAGES_HOME_H
#define PAGES_HOME_H

#include "pages/project_row.h"
#include "pages/session.h"

struct view_home {
	struct view_page page;
	struct str search;
	bool is_new; /* first steps are shown */
	bool has_key;
	struct view_project_row *projects;
	size_t projects_count;
	struct view_group_row *groups;
	size_t groups_count;
	struct view_pager pager;
};

struct view_welcome {
	struct view_page page;
	struct view_sign_in sign_in;
	struct view_project_row *projects;
	size_t projects_count;
};

route_handler page_home;

#endif
