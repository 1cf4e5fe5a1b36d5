/*
 * `git blame` reads history without our bounds, so it is one of git's own
 * operations, with its time limit and its place in the queue; a page waits for it.
 */
#include "git/blame.h"

#include "git/tree.h"
#include "pages/blame.h"
#include "tmpl/blame_show.h"

static struct view_blame_part part_view(struct request *rq, const struct blame_part *part)
{
	const struct blame_commit *commit = part->commit;
	struct view_blame_part v = {
		.project = rq->project->path,
		.oid = oid_hex(rq->arena, &commit->oid),
		.short_oid = oid_short(rq->arena, &commit->oid, 8),
		.subject = str_is_empty(commit->subject) ? page_text(rq, I18N("(no message)"))
							 : commit->subject,
		.author = commit->author,
		.initials = page_initials(rq, commit->author),
		.tile = page_tile(commit->email),
		.when = commit->when,
		.lines = ARENA_ARRAY(rq->arena, struct view_line, part->count),
		.lines_count = part->count,
	};

	if (commit->has_previous)
		v.before =
			code_join(rq, oid_hex(rq->arena, &commit->previous), commit->previous_path);
	for (size_t i = 0; i < part->count; i++)
		v.lines[i] = (struct view_line){ part->first + i, part->lines[i] };
	return v;
}

/* Only of text that a page shows: what is not text has no lines. */
static int check_file(struct request *rq, struct repo *repo, const struct place *place,
		      struct tree_entry *entry, struct err *e)
{
	struct blob blob;

	if (tree_find(repo, &place->commit, place->path, rq->arena, entry, e) < 0)
		return -(int)e->code;
	if (entry->kind != ENTRY_FILE && entry->kind != ENTRY_EXECUTABLE)
		return err_set(e, ERR_NOT_FOUND, "This is no file: nobody wrote its lines.");
	if (blob_read(repo, &entry->oid, BLOB_PAGE_BYTES, rq->arena, &blob, e) < 0)
		return -(int)e->code;
	if (blob.content == BLOB_BINARY || blob.lfs.is_lfs)
		return err_set(e, ERR_NOT_FOUND, "This file is not text: it has no lines.");
	if (blob.size > BLOB_PAGE_BYTES)
		return err_set(e, ERR_TOO_LARGE,
			       "This file has too many lines for a page. Use `git blame` in a "
			       "clone.");
	return 0;
}

int page_blame(struct request *rq, struct err *e)
{
	struct view_blame v = { 0 };
	struct tree_entry entry;
	struct place place;
	struct repo *repo;
	struct blame blame;

	if (code_at(rq, request_param(rq, "ref_path"), &repo, &place, e) < 0 ||
	    check_file(rq, repo, &place, &entry, e) < 0)
		return -(int)e->code;
	request_db_return(rq);
	if (blame_file(&(struct blame_request){ .run = rq->app->run,
						.project_id = rq->project->id.v,
						.user_id = rq->actor.user.v,
						.request_id = arena_cstr(rq->arena, rq->request_id),
						.commit = place.commit,
						.path = place.path,
						.lines_max = BLOB_PAGE_LINES },
		       rq->arena, &blame, e) < 0)
		return -(int)e->code;
	v.name = entry.label;
	v.lines = blame.lines;
	v.is_cut = blame.is_cut;
	v.parts = ARENA_ARRAY(rq->arena, struct view_blame_part, blame.count + 1);
	for (size_t i = 0; i < blame.count; i++)
		v.parts[v.parts_count++] = part_view(rq, &blame.parts[i]);
	page_frame(rq, &v.page, "files");
	code_bar(rq, repo, &place, false, ROUTE_blame, &v.bar);
	tmpl_blame_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
