/* Groups: making one, what is in it, its settings. */
#ifndef PAGES_GROUP_H
#define PAGES_GROUP_H

#include "pages/project_row.h"

struct view_group_new {
	struct view_page page;
	struct view_problem problem;
	struct view_option *parents;
	size_t parents_count;
	struct str segment, name, description;
	struct view_visibility visibility;
};

struct view_group_show {
	struct view_page page;
	struct str search;
	struct view_group_row *groups;
	size_t groups_count;
	struct view_project_row *projects;
	size_t projects_count;
	bool may_create_subgroup, may_create_project;
	struct view_pager pager;
};

struct view_group_settings {
	struct view_page page;
	struct view_problem problem;
	struct str name, segment, description;
	struct view_visibility visibility;
	bool may_remove;
};

route_handler page_group_new;
route_handler page_group_create;
route_handler page_namespace_show; /* a group or a person, whoever owns the name */
route_handler page_group_settings;
route_handler page_group_update;
route_handler page_group_remove;

#endif
