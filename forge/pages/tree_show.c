#include "git/tree.h"
#include "pages/tree.h"
#include "tmpl/tree_show.h"

int page_tree(struct request *rq, struct err *e)
{
	struct view_tree_show v = { 0 };
	struct tree_entry entry;
	struct place place;
	struct repo *repo;

	if (code_at(rq, request_param(rq, "ref_path"), &repo, &place, e) < 0 ||
	    tree_find(repo, &place.commit, place.path, rq->arena, &entry, e) < 0)
		return -(int)e->code;
	if (entry.kind != ENTRY_FOLDER)
		return request_redirect(rq,
					url_for(rq->arena, ROUTE_blob, rq->project->path,
						code_join(rq, place.ref, place.path)),
					e);
	if (tree_view(rq, repo, &place, &v.tree, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "files");
	tmpl_tree_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_tree_default(struct request *rq, struct err *e)
{
	return request_redirect(rq, url_for(rq->arena, ROUTE_project_show, rq->project->path), e);
}
