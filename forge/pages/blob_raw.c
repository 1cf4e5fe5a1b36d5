/*
 * The bytes of a file. They are strangers': sent with a sandboxing policy, and
 * only under types in which a browser runs nothing.
 */
#include "git/tree.h"
#include "pages/blob.h"

static const struct {
	const char *end, *type;
} images[] = {
	{ ".png", "image/png" }, { ".jpg", "image/jpeg" },   { ".jpeg", "image/jpeg" },
	{ ".gif", "image/gif" }, { ".webp", "image/webp" },  { ".avif", "image/avif" },
	{ ".bmp", "image/bmp" }, { ".ico", "image/x-icon" }, { ".svg", "image/svg+xml" },
};

static const char *image_type(struct str name)
{
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		struct str end = str_c(images[i].end);

		if (name.n > end.n && str_eq_nocase(str_from(name, name.n - end.n), end))
			return images[i].type;
	}
	return NULL;
}

bool blob_is_image(struct str name)
{
	return image_type(name) != NULL;
}

const char *blob_type(struct str name, enum blob_content content)
{
	const char *image = image_type(name);

	if (image)
		return image;
	if (content == BLOB_TEXT)
		return "text/plain; charset=utf-8";
	return content == BLOB_LATIN1 ? "text/plain; charset=iso-8859-1"
				      : "application/octet-stream";
}

int page_raw(struct request *rq, struct err *e)
{
	bool is_download = !str_is_empty(request_query(rq, "download"));
	struct tree_entry entry;
	struct place place;
	struct blob blob;
	struct repo *repo;

	if (code_at(rq, request_param(rq, "ref_path"), &repo, &place, e) < 0 ||
	    tree_find(repo, &place.commit, place.path, rq->arena, &entry, e) < 0)
		return -(int)e->code;
	if (entry.kind == ENTRY_FOLDER || entry.kind == ENTRY_SUBMODULE)
		return err_set(e, ERR_NOT_FOUND, "This is a folder: it has no bytes of its own.");
	if (blob_read(repo, &entry.oid, BLOB_READ_MAX, rq->arena, &blob, e) < 0)
		return -(int)e->code;
	if (blob.is_cut)
		return err_set(e, ERR_TOO_LARGE,
			       "The file is larger than what is sent over this address (32 MB); "
			       "clone the repository, or download an archive.");
	request_mark_untrusted(rq, is_download ? entry.name : STR_NONE);
	request_set_etag(rq, oid_hex(rq->arena, &blob.oid));
	return request_send_bytes(rq, 200, blob_type(entry.name, blob.content), blob.bytes, e);
}
