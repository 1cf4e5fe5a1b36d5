/* A person's page. */
#ifndef PAGES_USER_H
#define PAGES_USER_H

#include "pages/project_row.h"

struct view_user {
	struct view_page page;
	struct str username, name, initials, tile;
	struct instant since;
	bool is_admin, is_blocked, is_self, may_administer;
	struct view_project_row *projects;
	size_t projects_count;
	struct view_pager pager;
};

/* For page_namespace_show, when the namespace is a person's. */
MUST_USE int user_page(struct request *rq, struct err *e);

#endif
