/* "Run pipeline": a form for a branch, tag or commit, and variables. */
#ifndef PAGES_PIPELINE_NEW_H
#define PAGES_PIPELINE_NEW_H

#include "pages/given.h"
#include "pages/page.h"

#define PIPELINE_NEW_VARIABLES 5 /* rows of the form */

struct view_pipeline_new {
	struct view_page page;
	struct view_problem problem;
	struct str ref, commit;
	struct view_name *refs; /* to choose from: branches, then tags */
	size_t refs_count;
	struct view_given given;
};

route_handler page_pipeline_new;
route_handler page_pipeline_create;

#endif
