/* The manual: web/help/<language>/<page>.md, compiled in. */
#ifndef PAGES_HELP_H
#define PAGES_HELP_H

#include "pages/page.h"
#include "render/html.h"

struct view_help_link {
	struct str name, title;
	bool is_chosen;
};

struct view_help {
	struct view_page page;
	struct str title;
	struct view_help_link *pages;
	size_t pages_count;
	struct html text;
};

route_handler page_help;
route_handler page_help_page;

#endif
