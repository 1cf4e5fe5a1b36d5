/* How a project merges: the settings of merge requests. */
#ifndef PAGES_MERGE_SETTING_H
#define PAGES_MERGE_SETTING_H

#include "domain/merge_setting.h"
#include "pages/page.h"

struct view_merge_choice {
	const char *word; /* as it is sent */
	struct str name;
	struct str hint;
	bool is_chosen;
};

struct view_merge_setting {
	struct view_page page;
	struct view_problem problem;
	bool may_change;
	struct view_merge_choice *methods;
	size_t methods_count;
	struct view_merge_choice *squashes;
	size_t squashes_count;
	bool needs_pipeline, skipped_is_green, needs_threads_resolved, removes_source, tests_result;
	struct str approvals; /* as it was typed */
};

route_handler page_merge_setting;
route_handler page_merge_setting_update;

#endif
