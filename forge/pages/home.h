/* The first page: my projects, or the way in. */
#ifndef PAGES_HOME_H
#define PAGES_HOME_H

#include "pages/merge_request.h"
#include "pages/project_row.h"
#include "pages/session.h"

struct view_waiting_thing {
	struct str project; /* path, for links */
	int64_t id;
	struct str title;
	struct instant when;
};

struct view_waiting {
	bool is_empty;
	struct view_merge_row *reviews, *mine;
	size_t reviews_count, mine_count;
	struct view_waiting_thing *tasks, *pipelines;
	size_t tasks_count, pipelines_count;
};

struct view_home {
	struct view_page page;
	struct str search;
	bool is_new; /* first steps are shown */
	bool has_key;
	struct view_waiting waiting;
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

MUST_USE int home_waiting(struct request *rq, struct view_waiting *v, struct err *e);

route_handler page_home;

#endif
