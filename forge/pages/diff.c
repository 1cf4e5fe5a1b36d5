#include "pages/diff.h"

#define DIFF_INDEX_FILES 3
/* Rows of one file beside others; asked for alone, all that git/diff.h allows are shown. */
#define DIFF_FILE_ROWS 3000

struct diff_options diff_options_of(const struct request *rq)
{
	return (struct diff_options){
		.path = request_query(rq, "file"),
		.ignore_space = str_eq_c(request_query(rq, "w"), "1"),
	};
}

void diff_fill(struct request *rq, const struct diff *diff, struct str file_ref,
	       struct view_diff *view)
{
	struct str here = rq->http->head.path;

	view->project = rq->project->path;
	view->file_ref = file_ref;
	view->ignores_space = str_eq_c(request_query(rq, "w"), "1");
	view->space_toggle = view->ignores_space ? here : page_with_query(rq, here, "w", STR("1"));
	view->only_link = page_with_query(rq, here, "file", STR(""));
	diff_view_make(diff, rq->arena, &view->diff);
	for (size_t i = 0; i < view->diff.files_count && str_is_empty(request_query(rq, "file"));
	     i++) {
		struct diff_file_view *file = &view->diff.files[i];

		if (file->rows_count > DIFF_FILE_ROWS) {
			file->has_rows = false;
			file->is_over_limit = true;
		}
	}
	view->is_listed = view->diff.files_count >= DIFF_INDEX_FILES;
}
