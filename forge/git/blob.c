#include "git/blob.h"

#include "git/object.h"
#include "git/text.h"

static int no_file(struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "There is no such file in this repository.");
}

int blob_size(struct repo *repo, const struct oid *oid, uint64_t *size, struct err *e)
{
	git_oid id = libgit_oid(oid);
	git_object_t type;
	size_t found;
	int result = git_odb_read_header(&found, &type, repo_odb(repo), &id);

	if (result == GIT_ENOTFOUND)
		return no_file(e);
	if (result < 0)
		return libgit_error(result, e, "read header of blob");
	if (type != GIT_OBJECT_BLOB)
		return no_file(e);
	*size = found;
	return 0;
}

enum blob_content blob_classify(struct str bytes)
{
	struct str probe = str_upto(bytes, BLOB_PROBE);

	if (probe.n && memchr(probe.p, 0, probe.n))
		return BLOB_BINARY;
	return BLOB_TEXT;
}

/* Cut bytes may end inside a character; that alone does not make a file Latin-1. */
static bool is_utf8(struct str bytes, bool is_cut)
{
	size_t drop = 0;

	if (str_is_utf8_text(bytes))
		return true;
	if (!is_cut)
		return false;
	while (++drop <= 3 && drop <= bytes.n) {
		if (str_is_utf8_text(str_upto(bytes, bytes.n - drop)))
			return true;
	}
	return false;
}

/* git-lfs's specification: "version" first, then sorted keys; below 1024 bytes. */
static struct lfs_pointer read_lfs(struct str bytes, struct arena *a)
{
	struct lfs_pointer pointer = { 0 };
	unsigned char hash[32];
	struct str rest = bytes;
	struct str line;

	if (bytes.n >= 1024 || !str_starts(bytes, STR("version https://git-lfs.github.com/spec/")))
		return pointer;
	while (rest.n > 0 && str_cut(&rest, '\n', &line)) {
		if (str_cut_prefix(&line, STR("oid sha256:")) &&
		    str_to_bytes(line, hash, sizeof(hash)))
			pointer.sha256 = arena_str(a, line);
		else if (str_cut_prefix(&line, STR("size ")) && !str_to_i64(line, &pointer.size))
			return (struct lfs_pointer){ 0 };
	}
	pointer.is_lfs = !str_is_none(pointer.sha256) && pointer.size >= 0;
	return pointer;
}

int blob_read(struct repo *repo, const struct oid *oid, size_t limit, struct arena *a,
	      struct blob *blob, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct blob made = { .oid = *oid, .bytes = STR("") };

	if (blob_size(repo, oid, &made.size, e))
		return -(int)e->code;
	if (made.size > BLOB_READ_MAX) {
		made.is_cut = true;
		made.content = BLOB_BINARY;
		*blob = made;
		return 0;
	}
	if (object_read(repo, oid, GIT_OBJECT_BLOB, BLOB_READ_MAX, &object, e))
		return -(int)e->code;
	made.bytes = arena_str(a, str_upto(object_bytes(object), limit));
	made.is_cut = made.bytes.n < made.size;
	made.content = blob_classify(made.bytes);
	if (made.content == BLOB_TEXT && !is_utf8(made.bytes, made.is_cut))
		made.content = BLOB_LATIN1;
	if (!made.is_cut)
		made.lfs = read_lfs(made.bytes, a);
	*blob = made;
	return 0;
}

int blob_range(struct repo *repo, const struct oid *oid, uint64_t from, size_t length,
	       struct arena *a, struct str *bytes, struct err *e)
{
	AUTO_GIT(odb_object) object = NULL;
	struct str all;

	if (object_read(repo, oid, GIT_OBJECT_BLOB, BLOB_READ_MAX, &object, e))
		return -(int)e->code;
	all = object_bytes(object);
	if (from > all.n || (from == all.n && from > 0))
		return err_set(e, ERR_RANGE, "The file has only %zu bytes.", all.n);
	*bytes = arena_str(a, str_upto(str_from(all, (size_t)from), length));
	return 0;
}

struct str blob_text(const struct blob *blob, struct arena *a)
{
	if (blob->content == BLOB_LATIN1)
		return text_latin1(a, blob->bytes, blob->bytes.n, NULL);
	return text_utf8(a, blob->bytes, blob->bytes.n, NULL);
}
