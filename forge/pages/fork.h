/* Forks: those of a project, making one, and where one came from. */
#ifndef PAGES_FORK_H
#define PAGES_FORK_H

#include "pages/project_row.h"

/* What a project's home says of its relation to others. */
struct view_fork {
	bool is_copying, has_failed, is_fork, may_fork;
	struct str source; /* path; none: no fork, it is gone, or the reader may not know of it */
	struct str error;  /* of a copy that failed */
	int64_t forks;
};

struct view_fork_list {
	struct view_page page;
	struct view_fork fork;
	struct view_project_row *projects;
	size_t projects_count;
	struct view_pager pager;
};

struct view_fork_new {
	struct view_page page;
	struct view_problem problem;
	struct view_option *namespaces;
	size_t namespaces_count;
	struct str segment, name, description;
	struct view_visibility visibility;
};

/* Of the project of the route. */
MUST_USE int fork_view(struct request *rq, struct view_fork *v, struct err *e);

route_handler page_forks;
route_handler page_fork_new;
route_handler page_fork_create;

#endif
