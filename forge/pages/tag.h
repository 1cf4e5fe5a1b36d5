/* Tags: list, create, remove. */
#ifndef PAGES_TAG_H
#define PAGES_TAG_H

#include "pages/commit.h"

struct view_tag {
	struct str name, message, tagger, archive;
	bool is_protected, is_signed, has_commit, has_when, may_delete;
	struct view_commit commit;
	struct instant when;
};

struct view_tags {
	struct view_page page;
	struct view_problem problem;
	struct str search, name, from, message;
	bool may_write;
	struct view_tag *tags;
	size_t tags_count;
	struct view_pager pager;
};

route_handler page_tags;
route_handler page_tag_create;
route_handler page_tag_remove;

#endif
