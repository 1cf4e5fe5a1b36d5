/* Variables that a person gives a pipeline or a manual job when starting it: rows of a form. */
#ifndef PAGES_GIVEN_H
#define PAGES_GIVEN_H

#include "ci/variables.h"
#include "request.h"

struct view_given_row {
	int64_t number; /* from 1 */
	struct str key, value;
};

struct view_given {
	struct view_given_row *rows;
	size_t rows_count;
};

/* What was typed, or as many empty rows. */
struct view_given given_view(const struct request *rq, size_t rows);
/* Of the form; rows without name and value are left out. */
MUST_USE int given_read(const struct request *rq, struct ci_variables *given, struct err *e);

#endif
