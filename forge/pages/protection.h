/* Protected branches and tags. */
#ifndef PAGES_PROTECTION_H
#define PAGES_PROTECTION_H

#include "domain/protected_ref.h"
#include "pages/page.h"

struct view_protection_rule {
	struct str pattern, action, action_remove;
	bool is_tag, may_change;
	struct view_level push, merge, force;
	struct view_levels push_levels, merge_levels, force_levels;
};

struct view_protection_list {
	bool is_tags, may_change;
	struct str action, pattern;
	struct view_protection_rule *rules;
	size_t rules_count;
	struct view_protection_rule fresh;
};

struct view_protection {
	struct view_page page;
	struct view_problem problem;
	struct view_protection_list branches, tags;
};

route_handler page_protection;
route_handler page_protection_add;
route_handler page_protection_change;
route_handler page_protection_remove;

#endif
