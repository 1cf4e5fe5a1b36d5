/* Changes between two commits, for commit and compare pages. */
#ifndef PAGES_DIFF_H
#define PAGES_DIFF_H

#include "pages/page.h"
#include "render/diff_view.h"

struct view_diff {
	struct str project;  /* path, for links */
	struct str file_ref; /* commit at which files can be viewed */
	struct diff_view diff;
	bool is_listed; /* enough files for an index */
	bool ignores_space;
	struct str space_toggle;
	struct str only_link; /* + path: that file alone */
};

/* What the query asks: ?w=1, ?file=path. */
struct diff_options diff_options_of(const struct request *rq);
void diff_fill(struct request *rq, const struct diff *diff, struct str file_ref,
	       struct view_diff *view);

#endif
