/* All files of a commit by a part of their path; a script filters what is on the page as one types.
 */
#include "git/text.h"
#include "git/tree.h"
#include "pages/tree.h"
#include "tmpl/tree_find.h"

#define FIND_FILES 20000
#define FIND_ROWS 2000

static void find_rows(struct request *rq, const struct place *place, const struct tree_paths *files,
		      struct view_find *v)
{
	v->files = ARENA_ARRAY(rq->arena, struct view_find_row, FIND_ROWS);
	for (size_t i = 0; i < files->paths_count; i++) {
		struct str path = files->paths[i];

		if (!text_contains_nocase(path, v->q))
			continue;
		if (v->files_count == FIND_ROWS) {
			v->is_cut = true;
			return;
		}
		v->files[v->files_count++] =
			(struct view_find_row){ text_utf8(rq->arena, path, 3 * path.n, NULL),
						code_join(rq, place->ref, path) };
	}
}

int page_find_file(struct request *rq, struct err *e)
{
	struct view_find v = { .q = str_trim(request_query(rq, "q")) };
	struct tree_paths files;
	struct place place;
	struct repo *repo;

	if (code_at(rq, request_param(rq, "ref_path"), &repo, &place, e) < 0 ||
	    tree_files(repo, &place.commit, STR(""), FIND_FILES, rq->arena, &files, e) < 0)
		return -(int)e->code;
	place.path = STR("");
	page_frame(rq, &v.page, "files");
	code_bar(rq, repo, &place, true, ROUTE_find_file, &v.bar);
	v.is_cut = files.is_cut;
	find_rows(rq, &place, &files, &v);
	tmpl_tree_find(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
