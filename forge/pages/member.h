/* Members of a project or a group: one page for both. */
#ifndef PAGES_MEMBER_H
#define PAGES_MEMBER_H

#include "pages/page.h"

struct view_person {
	struct str username, name;
};

struct view_member {
	struct str username, name, initials, tile, inherited_from;
	struct view_level level;
	struct view_levels levels;
	struct str action, action_remove;
	struct str expires;
	bool is_self, is_blocked, is_bot, has_expires, may_change, may_remove;
};

struct view_members {
	struct view_page page;
	struct view_problem problem;
	struct str action, search, username, expires;
	bool may_change;
	struct view_levels levels;
	struct view_person *people; /* offered while typing */
	size_t people_count;
	struct view_member *members;
	size_t members_count;
	int64_t total;
	struct view_pager pager;
};

route_handler page_members;
route_handler page_member_add;
route_handler page_member_change;
route_handler page_member_remove;

#endif
