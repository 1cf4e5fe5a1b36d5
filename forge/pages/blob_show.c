/* One file as a page, whatever it is. */
#include "git/text.h"
#include "git/tree.h"
#include "pages/blob.h"
#include "pages/rendered.h"
#include "render/markdown.h"
#include "tmpl/blob_show.h"

#define SYMLINK_TARGET_MAX 4096

void blob_lines(struct request *rq, struct str text, struct view_blob *view)
{
	size_t room = 1;
	struct str rest = text;
	struct str line;

	for (size_t i = 0; i < text.n && room <= BLOB_PAGE_LINES; i++)
		room += text.p[i] == '\n';
	view->lines = ARENA_ARRAY(rq->arena, struct view_line, room + 1);
	while (str_cut(&rest, '\n', &line)) {
		if (str_is_none(rest) && line.n == 0)
			break;
		if (view->lines_count == BLOB_PAGE_LINES) {
			view->is_cut = true;
			return;
		}
		if (str_ends(line, STR("\r")))
			line.n--;
		view->lines[view->lines_count] = (struct view_line){ view->lines_count + 1, line };
		view->lines_count++;
	}
}

/* Where a link inside the repository leads, relative to its folder; none if it leads out. */
static struct str symlink_path(struct request *rq, const struct place *place, struct str target)
{
	struct str folder = str_upto(place->path, str_find_last(place->path, '/'));
	struct str rest = target;
	struct str part;

	if (!str_has(place->path, '/'))
		folder = STR("");
	if (str_starts(target, STR("/")) || target.n == 0)
		return STR_NONE;
	while (str_cut(&rest, '/', &part)) {
		if (part.n == 0 || str_eq_c(part, "."))
			continue;
		if (!str_eq_c(part, "..")) {
			folder = folder.n ? code_join(rq, folder, part) : part;
			continue;
		}
		if (folder.n == 0)
			return STR_NONE;
		folder = str_has(folder, '/') ? str_upto(folder, str_find_last(folder, '/'))
					      : STR("");
	}
	return folder;
}

static void symlink_view(struct request *rq, const struct place *place, const struct blob *blob,
			 struct view_blob *v)
{
	struct str path = symlink_path(rq, place, blob->bytes);

	v->kind = "symlink";
	v->target = text_utf8(rq->arena, blob->bytes, SYMLINK_TARGET_MAX, NULL);
	if (!str_is_empty(path))
		v->target_ref_path = code_join(rq, place->ref, path);
}

static int text_view(struct request *rq, const struct place *place, const struct blob *blob,
		     struct view_blob *v, struct err *e)
{
	struct str text = blob_text(blob, rq->arena);

	v->is_latin1 = blob->content == BLOB_LATIN1;
	v->is_markdown = markdown_is_name(v->name) && blob->size <= MARKDOWN_FILE_MAX;
	v->is_source = v->is_markdown && !str_is_empty(request_query(rq, "plain"));
	if (v->is_markdown && !v->is_source) {
		v->kind = "markdown";
		return rendered_file(rq, place, place->path, text, &v->rendered, e);
	}
	v->kind = "text";
	v->is_cut = blob->is_cut;
	v->copy_id = STR("contents");
	blob_lines(rq, text, v);
	return 0;
}

static int contents_view(struct request *rq, const struct place *place,
			 const struct tree_entry *entry, struct repo *repo, struct view_blob *v,
			 struct err *e)
{
	struct blob blob;

	if (blob_read(repo, &entry->oid, BLOB_PAGE_BYTES, rq->arena, &blob, e) < 0)
		return -(int)e->code;
	v->size = page_size(rq, blob.size);
	v->limit = page_size(rq, BLOB_READ_MAX);
	v->is_executable = entry->kind == ENTRY_EXECUTABLE;
	if (entry->kind == ENTRY_SYMLINK) {
		symlink_view(rq, place, &blob, v);
		return 0;
	}
	v->kind = "binary";
	if (blob.size == 0)
		v->kind = "empty";
	else if (blob.size > BLOB_READ_MAX)
		v->kind = "huge";
	else if (blob.lfs.is_lfs)
		v->kind = "lfs";
	else if (blob_is_image(v->name))
		v->kind = "image";
	else if (blob.content != BLOB_BINARY)
		return text_view(rq, place, &blob, v, e);
	if (blob.lfs.is_lfs)
		v->target = page_size(rq, (uint64_t)blob.lfs.size);
	return 0;
}

int page_blob(struct request *rq, struct err *e)
{
	struct view_blob v = { 0 };
	struct tree_entry entry;
	struct place place;
	struct repo *repo;

	if (code_at(rq, request_param(rq, "ref_path"), &repo, &place, e) < 0 ||
	    tree_find(repo, &place.commit, place.path, rq->arena, &entry, e) < 0)
		return -(int)e->code;
	if (entry.kind == ENTRY_FOLDER)
		return request_redirect(rq,
					url_for(rq->arena, ROUTE_tree, rq->project->path,
						code_join(rq, place.ref, place.path)),
					e);
	v.name = entry.label;
	if (entry.kind == ENTRY_SUBMODULE) {
		v.kind = "submodule";
		v.target = oid_hex(rq->arena, &entry.oid);
		v.submodule_url = entry.submodule_url;
	} else if (contents_view(rq, &place, &entry, repo, &v, e) < 0) {
		return -(int)e->code;
	}
	if (commit_view_last(rq, repo, &place, &v.has_last, &v.last, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "files");
	code_bar(rq, repo, &place, false, ROUTE_blob, &v.bar);
	tmpl_blob_show(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}
