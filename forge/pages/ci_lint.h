/* Checking a pipeline file before it is pushed. */
#ifndef PAGES_CI_LINT_H
#define PAGES_CI_LINT_H

#include "pages/page.h"

struct view_ci_problem {
	struct str text, place; /* "file:line:column", or none */
};

struct view_ci_job {
	struct str name, stage;
	struct str when, environment; /* none: on_success, no environment */
	bool may_fail;
};

struct view_ci_lint {
	struct view_page page;
	struct view_problem problem;
	struct str text, ref_name;
	bool is_checked, is_valid, has_no_jobs;
	struct str message; /* why no job is left */
	struct view_ci_problem error;
	struct view_ci_problem *warnings;
	size_t warnings_count;
	struct view_ci_job *jobs;
	size_t jobs_count;
};

route_handler page_ci_lint;
route_handler page_ci_lint_check;

#endif
