/* Who wrote which line. */
#ifndef PAGES_BLAME_H
#define PAGES_BLAME_H

#include "pages/blob.h"

struct view_blame_part {
	struct str project, oid, short_oid, subject, author, initials, tile;
	struct instant when;
	struct str before; /* the same page where these lines were before: ref and path; or none */
	struct view_line *lines;
	size_t lines_count;
};

struct view_blame {
	struct view_page page;
	struct view_code_bar bar;
	struct str name;
	size_t lines;
	bool is_cut;
	struct view_blame_part *parts;
	size_t parts_count;
};

route_handler page_blame;

#endif
