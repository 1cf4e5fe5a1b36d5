/* Files: shown, raw. */
#ifndef PAGES_BLOB_H
#define PAGES_BLOB_H

#include "git/blob.h"
#include "pages/commit.h"
#include "render/html.h"

/* Of text shown on a page; the whole is at /-/raw. */
#define BLOB_PAGE_BYTES (2u << 20)
#define BLOB_PAGE_LINES 20000

struct view_line {
	size_t number;
	struct str text;
};

struct view_blob {
	struct view_page page;
	struct view_code_bar bar;
	bool has_last;
	struct view_commit last;
	const char *kind; /* text markdown image symlink submodule lfs empty huge binary */
	struct str name, size, limit, copy_id;
	bool is_executable, is_latin1, is_markdown, is_source, is_cut;
	struct view_line *lines;
	size_t lines_count;
	struct html rendered;
	struct str target, target_ref_path, submodule_url;
};

/* Lines of a text, without their ends; at most BLOB_PAGE_LINES. */
void blob_lines(struct request *rq, struct str text, struct view_blob *view);
/* The Content-Type under which raw may send it: only what a browser cannot run. */
const char *blob_type(struct str name, enum blob_content content);
bool blob_is_image(struct str name);

route_handler page_blob;
route_handler page_raw;

#endif
