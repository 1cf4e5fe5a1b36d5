/* What is in a job's artifacts: folders, and one file as text or picture. */
#include "pages/artifact.h"

#include "domain/job_view.h"
#include "git/text.h"
#include "request_artifact.h"
#include "tmpl/artifact_browse.h"
#include "tmpl/artifact_file.h"

#define ROWS_MAX 2000
#define LINK_TARGET_MAX 4096

struct browsing {
	struct job job;
	struct artifact artifact;
	struct artifact_files files;
	struct view_artifacts panel;
};

static int open_files(struct request *rq, struct browsing *b, struct err *e)
{
	struct job_id id = { page_id(rq, "id") };
	struct db *db = NULL;

	if (request_db(rq, &db, e) < 0 ||
	    job_get(db, rq->project->id, id, rq->arena, &b->job, e) < 0 ||
	    artifact_get(db, rq->project->id, id, STR("archive"), rq->arena, &b->artifact, e) < 0 ||
	    artifact_view(rq, db, id, &b->panel, e) < 0)
		return -(int)e->code;
	return request_open_artifact(rq, &b->artifact, &b->files, e);
}

static void fill_place(struct request *rq, const struct browsing *b, struct str path,
		       struct view_artifact_place *place)
{
	size_t steps = 1;
	struct str rest = path;
	struct str step;

	for (size_t i = 0; i < path.n; i++)
		steps += path.p[i] == '/';
	place->project = rq->project->path;
	place->job = b->job.id.v;
	place->job_name = b->job.name;
	place->crumbs = ARENA_ARRAY(rq->arena, struct view_artifact_crumb, steps);
	while (path.n > 0 && str_cut(&rest, '/', &step)) {
		size_t end = (size_t)(step.p - path.p) + step.n;

		place->crumbs[place->crumbs_count++] =
			(struct view_artifact_crumb){ step, str_upto(path, end), end == path.n };
	}
}

/* ---- a folder ---- */

static void fill_rows(struct request *rq, const struct zip_child *children, size_t count,
		      struct view_artifact_browse *v)
{
	v->total = count;
	v->is_cut = count > ROWS_MAX;
	v->rows_count = v->is_cut ? ROWS_MAX : count;
	v->rows = ARENA_ARRAY(rq->arena, struct view_artifact_row, v->rows_count + 1);
	for (size_t i = 0; i < v->rows_count; i++) {
		const struct zip_child *child = &children[i];

		v->rows[i] = (struct view_artifact_row){
			.name = child->name,
			.path = child->path,
			.size = child->entry ? page_size(rq, child->entry->size) : STR_NONE,
			.is_folder = child->entry == NULL,
			.is_link = child->entry && child->entry->is_link,
		};
	}
}

static int browse(struct request *rq, struct str path, struct err *e)
{
	struct view_artifact_browse v = { 0 };
	struct zip_child *children;
	struct browsing b = { 0 };
	size_t count;

	if (open_files(rq, &b, e) < 0)
		return -(int)e->code;
	zip_directory_children(&b.files.directory, path, rq->arena, &children, &count);
	if (count == 0 && path.n > 0)
		return err_set(e, ERR_NOT_FOUND, "The artifacts hold no such folder.");
	page_frame(rq, &v.page, "pipelines");
	fill_place(rq, &b, path, &v.place);
	fill_rows(rq, children, count, &v);
	v.artifacts = b.panel;
	v.artifacts.is_browsing = true;
	v.left_out = b.files.directory.left_out;
	v.has_parent = path.n > 0;
	if (str_has(path, '/'))
		v.parent = str_upto(path, str_find_last(path, '/'));
	tmpl_artifact_browse(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_artifact_browse_top(struct request *rq, struct err *e)
{
	return browse(rq, STR(""), e);
}

int page_artifact_browse(struct request *rq, struct err *e)
{
	return browse(rq, request_param(rq, "file_path"), e);
}

/* ---- a file ---- */

static bool is_picture(struct str path)
{
	return blob_is_image(path);
}

static int fill_text(struct request *rq, const struct browsing *b, const struct zip_entry *entry,
		     struct view_artifact_file *v, struct err *e)
{
	struct view_blob lines = { 0 };
	struct str bytes;

	if (artifact_file_read(rq, &b->files, entry, BLOB_PAGE_BYTES, &bytes, e) < 0)
		return -(int)e->code;
	if (str_has(str_upto(bytes, 8192), '\0')) {
		v->kind = "binary";
		return 0;
	}
	v->kind = "text";
	blob_lines(rq, text_utf8(rq->arena, bytes, BLOB_PAGE_BYTES, NULL), &lines);
	v->lines = lines.lines;
	v->lines_count = lines.lines_count;
	v->is_cut = lines.is_cut || entry->size > bytes.n;
	return 0;
}

static int fill_file(struct request *rq, const struct browsing *b, const struct zip_entry *entry,
		     struct view_artifact_file *v, struct err *e)
{
	struct str target;

	v->size = page_size(rq, entry->size);
	v->limit = page_size(rq, ARTIFACT_FILE_MAX);
	if (entry->is_link) {
		v->kind = "link";
		if (artifact_file_read(rq, &b->files, entry, LINK_TARGET_MAX, &target, e) < 0)
			return -(int)e->code;
		v->target = text_utf8(rq->arena, target, LINK_TARGET_MAX, NULL);
		return 0;
	}
	if (entry->size == 0)
		v->kind = "empty";
	else if (entry->size > ARTIFACT_FILE_MAX)
		v->kind = "huge";
	else if (is_picture(entry->path))
		v->kind = "image";
	else
		return fill_text(rq, b, entry, v, e);
	return 0;
}

int page_artifact_file(struct request *rq, struct err *e)
{
	struct view_artifact_file v = { 0 };
	const struct zip_entry *entry;
	struct browsing b = { 0 };

	if (open_files(rq, &b, e) < 0 ||
	    artifact_files_get(&b.files, request_param(rq, "file_path"), &entry, e) < 0 ||
	    fill_file(rq, &b, entry, &v, e) < 0)
		return -(int)e->code;
	page_frame(rq, &v.page, "pipelines");
	fill_place(rq, &b, entry->path, &v.place);
	v.path = entry->path;
	v.name = v.place.crumbs[v.place.crumbs_count - 1].name;
	tmpl_artifact_file(request_emit(rq), &v);
	return request_send_page(rq, 200, e);
}

int page_artifact_raw(struct request *rq, struct err *e)
{
	bool is_download = !str_is_empty(request_query(rq, "download"));
	const struct zip_entry *entry;
	struct browsing b = { 0 };

	if (open_files(rq, &b, e) < 0 ||
	    artifact_files_get(&b.files, request_param(rq, "file_path"), &entry, e) < 0)
		return -(int)e->code;
	return request_send_artifact_file(rq, &b.files, entry, is_download, e);
}
