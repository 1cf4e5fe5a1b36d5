/* /repository/files/:path: one file of a ref, as JSON, as it is, or its headers alone (HEAD). */
#include "api/api.h"
#include "api/repository.h"
#include "git/commit.h"
#include "git/tree.h"

struct file {
	struct repo *repo;
	struct str ref;
	struct oid commit;
	struct tree_entry entry;
	struct blob blob;
	struct oid last_commit;
};

static int missing(struct err *e)
{
	return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 File Not Found")
					: -(int)e->code;
}

/* The commit that last touched the file; the ref's own when the walk's budget ends first. */
static int find_last_commit(struct request *rq, struct file *f, struct err *e)
{
	struct commit commit;
	bool found;

	if (commit_last(f->repo, &f->commit, f->entry.path, budget_page(), rq->arena, &found,
			&commit, e) < 0)
		return -(int)e->code;
	f->last_commit = found ? commit.oid : f->commit;
	return 0;
}

static int find_file(struct request *rq, struct file *f, struct err *e)
{
	if (request_repo(rq, &f->repo, e) < 0)
		return -(int)e->code;
	f->ref = request_query(rq, "ref");
	if (str_is_empty(f->ref))
		f->ref = repo_default_branch(f->repo);
	if (api_ref_commit(rq, f->repo, f->ref, &f->commit, e) < 0)
		return -(int)e->code;
	if (tree_find(f->repo, &f->commit, request_param(rq, "file"), rq->arena, &f->entry, e) < 0)
		return missing(e);
	if (f->entry.kind == ENTRY_FOLDER || f->entry.kind == ENTRY_SUBMODULE)
		return err_set(e, ERR_NOT_FOUND, "404 File Not Found");
	if (blob_read(f->repo, &f->entry.oid, BLOB_READ_MAX, rq->arena, &f->blob, e) < 0)
		return missing(e);
	if (f->blob.is_cut)
		return err_set(e, ERR_TOO_LARGE,
			       "The file is larger than %u bytes: fetch it with git instead.",
			       BLOB_READ_MAX);
	return find_last_commit(rq, f, e);
}

static void set_text(struct request *rq, const char *name, struct str value)
{
	struct buf b;

	buf_init(&b, 16384);
	url_encode_path(&b, value); /* as it is for plain names; a header carries nothing else */
	http_set_header(&rq->http->response, name, arena_str(rq->arena, buf_str(&b)));
	buf_fini(&b);
}

static void set_headers(struct request *rq, const struct file *f)
{
	struct http_response *r = &rq->http->response;

	http_set_header(r, "X-Gitlab-Blob-Id", oid_hex(rq->arena, &f->entry.oid));
	http_set_header(r, "X-Gitlab-Commit-Id", oid_hex(rq->arena, &f->commit));
	http_set_header(r, "X-Gitlab-Last-Commit-Id", oid_hex(rq->arena, &f->last_commit));
	http_set_header(r, "X-Gitlab-Content-Sha256", request_sha256(rq, f->blob.bytes));
	http_set_header(r, "X-Gitlab-Encoding", STR("base64"));
	set_text(rq, "X-Gitlab-File-Name", f->entry.name);
	set_text(rq, "X-Gitlab-File-Path", f->entry.path);
	set_text(rq, "X-Gitlab-Ref", f->ref);
	http_set_header(r, "X-Gitlab-Size",
			arena_fmt(rq->arena, "%llu", (unsigned long long)f->blob.size));
	http_set_header(r, "X-Gitlab-Execute-Filemode",
			f->entry.kind == ENTRY_EXECUTABLE ? STR("true") : STR("false"));
}

int api_file(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct file f;

	if (find_file(rq, &f, e) < 0)
		return -(int)e->code;
	set_headers(rq, &f);
	jsonw_object(w);
	jsonw_field_str(w, "file_name", f.entry.name);
	jsonw_field_str(w, "file_path", f.entry.path);
	jsonw_field_int(w, "size", (int64_t)f.blob.size);
	jsonw_field_str(w, "encoding", STR("base64"));
	jsonw_field_str(w, "content_sha256", request_sha256(rq, f.blob.bytes));
	jsonw_field_str(w, "ref", f.ref);
	jsonw_field_str(w, "blob_id", oid_hex(rq->arena, &f.entry.oid));
	jsonw_field_str(w, "commit_id", oid_hex(rq->arena, &f.commit));
	jsonw_field_str(w, "last_commit_id", oid_hex(rq->arena, &f.last_commit));
	jsonw_field_bool(w, "execute_filemode", f.entry.kind == ENTRY_EXECUTABLE);
	api_field_base64(w, "content", f.blob.bytes);
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

int api_file_raw(struct request *rq, struct err *e)
{
	struct file f;

	if (find_file(rq, &f, e) < 0)
		return -(int)e->code;
	set_headers(rq, &f);
	return api_send_raw(rq, &f.blob, e);
}
