/* A folder: its entries with what last changed them, and its README. */
#include "git/blob.h"
#include "git/tree.h"
#include "pages/rendered.h"
#include "pages/tree.h"
#include "render/markdown.h"

static const char *entry_word(enum entry_kind kind)
{
	switch (kind) {
	case ENTRY_FOLDER:
		return "folder";
	case ENTRY_SYMLINK:
		return "symlink";
	case ENTRY_SUBMODULE:
		return "submodule";
	case ENTRY_FILE:
	case ENTRY_EXECUTABLE:
		break;
	}
	return "file";
}

static void tree_rows(struct request *rq, const struct place *place,
		      const struct tree_listing *listing, const struct last_changes *changes,
		      struct view_tree *view)
{
	view->rows = ARENA_ARRAY(rq->arena, struct view_tree_row, listing->entries_count + 1);
	view->rows_count = listing->entries_count;
	for (size_t i = 0; i < listing->entries_count; i++) {
		const struct tree_entry *entry = &listing->entries[i];
		struct view_tree_row *row = &view->rows[i];

		row->kind = entry_word(entry->kind);
		row->label = entry->label;
		row->ref_path = code_join(rq, place->ref, entry->path);
		row->submodule_url = entry->submodule_url;
		if (entry->kind == ENTRY_SUBMODULE)
			row->short_oid = oid_short(rq->arena, &entry->oid, 8);
		if (i < changes->items_count && changes->items[i].known) {
			const struct commit *commit = &changes->items[i].commit;

			row->has_change = true;
			row->subject = commit->subject;
			row->commit = oid_hex(rq->arena, &commit->oid);
			row->when = commit->committer.when;
		}
	}
}

static const struct tree_entry *find_readme(const struct tree_listing *listing)
{
	const struct tree_entry *best = NULL;
	int best_rank = 0;

	for (size_t i = 0; i < listing->entries_count; i++) {
		const struct tree_entry *entry = &listing->entries[i];
		int rank = markdown_readme_rank(entry->name);

		if (rank == 0 || (entry->kind != ENTRY_FILE && entry->kind != ENTRY_EXECUTABLE))
			continue;
		if (!best || rank < best_rank) {
			best = entry;
			best_rank = rank;
		}
	}
	return best;
}

static int tree_readme(struct request *rq, struct repo *repo, const struct place *place,
		       const struct tree_listing *listing, struct view_tree *view, struct err *e)
{
	const struct tree_entry *readme = find_readme(listing);
	struct blob blob;

	if (!readme)
		return 0;
	if (blob_read(repo, &readme->oid, MARKDOWN_FILE_MAX, rq->arena, &blob, e) < 0)
		return -(int)e->code;
	if (blob.content == BLOB_BINARY || blob.is_cut || blob.size == 0)
		return 0;
	view->readme_name = readme->label;
	view->readme_path = code_join(rq, place->ref, readme->path);
	return rendered_file(rq, place, readme->path, blob_text(&blob, rq->arena), &view->readme,
			     e);
}

static void tree_parent(struct request *rq, const struct place *place, struct view_tree *view)
{
	size_t slash = str_find_last(place->path, '/');

	view->has_parent = !str_is_empty(place->path);
	view->parent = slash == place->path.n
			       ? place->ref
			       : code_join(rq, place->ref, str_upto(place->path, slash));
}

int tree_view(struct request *rq, struct repo *repo, const struct place *place,
	      struct view_tree *view, struct err *e)
{
	bool is_patient = !str_is_empty(request_query(rq, "patience"));
	struct budget budget = is_patient ? budget_operation() : budget_page();
	struct tree_listing listing;
	struct last_changes changes;

	if (tree_list(repo, &place->commit, place->path, rq->arena, &listing, e) < 0 ||
	    tree_last_changes(repo, &place->commit, place->path, &listing, budget, rq->arena,
			      &changes, e) < 0 ||
	    commit_view_last(rq, repo, place, &view->has_last, &view->last, e) < 0 ||
	    tree_readme(rq, repo, place, &listing, view, e) < 0)
		return -(int)e->code;
	code_bar(rq, repo, place, true, ROUTE_tree, &view->bar);
	tree_parent(rq, place, view);
	tree_rows(rq, place, &listing, &changes, view);
	view->total = listing.total;
	view->is_cut = listing.total > listing.entries_count;
	view->is_incomplete = !changes.complete && !is_patient;
	view->more = page_url(rq, page_with_query(rq,
						  url_for(rq->arena, ROUTE_tree, rq->project->path,
							  view->bar.here),
						  "patience", STR("1")));
	return 0;
}
