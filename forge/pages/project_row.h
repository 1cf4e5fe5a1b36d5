/* Rows of lists of projects and groups, shared by home, explore, group and user pages. */
#ifndef PAGES_PROJECT_ROW_H
#define PAGES_PROJECT_ROW_H

#include "pages/page.h"

struct view_project_row {
	struct str path, name, namespace, description, tile, initial;
	struct view_visibility visibility;
	bool is_archived, is_empty;
	struct instant active;
};

struct view_group_row {
	struct str path, full_name, description, tile, initial;
	struct view_visibility visibility;
};

void project_rows(struct request *rq, const struct projects *projects,
		  struct view_project_row **rows, size_t *count);
void group_rows(struct request *rq, const struct namespaces *groups, struct view_group_row **rows,
		size_t *count);

#endif
