/* Trees, blobs, archives, comparing: reading a repository. */
#include "api/repository.h"

#include "api/api.h"
#include "api/entity_git.h"
#include "base/base64.h"
#include "git/blob.h"
#include "git/reach.h"
#include "request_relay.h"

#define COMPARE_COMMITS_MAX 250
#define RECURSIVE_MAX 10000

int api_ref_commit(struct request *rq, struct repo *repo, struct str ref, struct oid *commit,
		   struct err *e)
{
	if (str_is_empty(ref))
		ref = repo_default_branch(repo);
	if (repo_resolve(repo, ref, commit, e) == 0)
		return 0;
	return e->code == ERR_NOT_FOUND
		       ? err_set(e, ERR_NOT_FOUND, "404 %s Not Found",
				 route_door(rq->route) == DOOR_API ? "Commit" : "Ref")
		       : -(int)e->code;
}

/* ---- tree ---- */

static void write_slice(struct request *rq, struct jsonw *w, const struct tree_entry *entries,
			size_t count)
{
	struct api_page page;
	struct listing slice = api_slice(rq, &page);

	jsonw_array(w);
	for (size_t i = (size_t)slice.offset;
	     i < count && i < (size_t)slice.offset + (size_t)slice.limit; i++)
		entity_tree_entry(w, rq, &entries[i]);
	jsonw_end(w);
	api_page_headers(rq, &page, (int64_t)count);
}

/* Entries of a folder, and with ?recursive= those below it, in depth-first order. */
struct walk {
	struct request *rq;
	struct repo *repo;
	struct oid commit;
	struct tree_entry *entries;
	size_t count;
	bool is_recursive;
};

static int walk_folder(struct walk *walk, struct str path, int depth, struct err *e)
{
	struct tree_listing listing;

	if (tree_list(walk->repo, &walk->commit, path, walk->rq->arena, &listing, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < listing.entries_count && walk->count < RECURSIVE_MAX; i++) {
		walk->entries[walk->count++] = listing.entries[i];
		if (walk->is_recursive && listing.entries[i].kind == ENTRY_FOLDER &&
		    depth < TREE_DEPTH_MAX &&
		    walk_folder(walk, listing.entries[i].path, depth + 1, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

static bool is_true(struct str value)
{
	return str_eq_c(value, "true") || str_eq_c(value, "1");
}

int api_tree(struct request *rq, struct err *e)
{
	struct str path = request_query(rq, "path");
	struct walk walk = { .rq = rq, .is_recursive = is_true(request_query(rq, "recursive")) };
	struct jsonw *w = request_jsonw(rq);

	if (request_repo(rq, &walk.repo, e) < 0)
		return -(int)e->code;
	if (repo_is_empty(walk.repo) && str_is_empty(request_query(rq, "ref"))) {
		write_slice(rq, w, NULL, 0);
		return request_send_json(rq, 200, e);
	}
	if (api_ref_commit(rq, walk.repo, request_query(rq, "ref"), &walk.commit, e) < 0)
		return -(int)e->code;
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	walk.entries = ARENA_ARRAY(rq->arena, struct tree_entry, RECURSIVE_MAX);
	if (walk_folder(&walk, str_is_none(path) ? STR("") : path, 0, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Tree Not Found")
						: -(int)e->code;
	write_slice(rq, w, walk.entries, walk.count);
	return request_send_json(rq, 200, e);
}

/* ---- blobs ---- */

static int read_blob(struct request *rq, struct blob *blob, struct err *e)
{
	struct repo *repo;
	struct oid oid;
	bool reaches;

	if (!oid_parse(request_param(rq, "sha"), &oid))
		return err_set(e, ERR_NOT_FOUND, "404 Blob Not Found");
	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	if (repo_reaches_blob(repo, &oid, budget_page(), &reaches, e) < 0)
		return -(int)e->code;
	if (!reaches)
		return err_set(e, ERR_NOT_FOUND,
			       "404 Blob Not Found: no recent commit of a branch or tag has this "
			       "file; name it by its path and commit instead");
	if (blob_read(repo, &oid, BLOB_READ_MAX, rq->arena, blob, e) < 0)
		return e->code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "404 Blob Not Found")
						: -(int)e->code;
	if (blob->is_cut)
		return err_set(e, ERR_TOO_LARGE,
			       "The file is larger than %u bytes: fetch it with git instead.",
			       BLOB_READ_MAX);
	return 0;
}

void api_field_base64(struct jsonw *w, const char *key, struct str bytes)
{
	struct buf text;

	buf_init(&text, bytes.n / 3 * 4 + 8);
	base64_encode(&text, bytes);
	jsonw_field_str(w, key, buf_str(&text));
	buf_fini(&text);
}

int api_blob(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct blob blob;

	if (read_blob(rq, &blob, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_field_int(w, "size", (int64_t)blob.size);
	jsonw_field_str(w, "encoding", STR("base64"));
	api_field_base64(w, "content", blob.bytes);
	jsonw_field_str(w, "sha", oid_hex(rq->arena, &blob.oid));
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

int api_send_raw(struct request *rq, const struct blob *blob, struct err *e)
{
	request_mark_untrusted(rq, STR_NONE);
	request_set_etag(rq, oid_hex(rq->arena, &blob->oid));
	request_set_cache(rq, "private, no-cache");
	return request_send_bytes(rq, 200,
				  blob->content == BLOB_BINARY ? "application/octet-stream"
							       : "text/plain; charset=utf-8",
				  blob->bytes, e);
}

int api_blob_raw(struct request *rq, struct err *e)
{
	struct blob blob;

	if (read_blob(rq, &blob, e) < 0)
		return -(int)e->code;
	return api_send_raw(rq, &blob, e);
}

/* ---- compare ---- */

int api_compare(struct request *rq, struct err *e)
{
	bool is_straight = is_true(request_query(rq, "straight"));
	struct jsonw *w = request_jsonw(rq);
	struct oid from, to;
	struct compare c;
	struct str name;
	struct repo *repo;

	if (api_need(rq, "from", &name, e) < 0 || request_repo(rq, &repo, e) < 0 ||
	    api_ref_commit(rq, repo, name, &from, e) < 0 || api_need(rq, "to", &name, e) < 0 ||
	    api_ref_commit(rq, repo, name, &to, e) < 0 ||
	    diff_compare(repo, &from, &to, NULL, COMPARE_COMMITS_MAX, budget_page(), rq->arena, &c,
			 e) < 0)
		return -(int)e->code;
	if (is_straight && diff_commits(repo, &from, &to, NULL, rq->arena, &c.diff, e) < 0)
		return -(int)e->code;
	jsonw_object(w);
	jsonw_key(w, "commit");
	if (c.commits.commits_count > 0)
		entity_commit(w, rq, &c.commits.commits[0], NULL);
	else
		jsonw_null(w);
	jsonw_field_array(w, "commits");
	for (size_t i = c.commits.commits_count; i > 0; i--)
		entity_commit(w, rq, &c.commits.commits[i - 1], NULL);
	jsonw_end(w);
	jsonw_field_array(w, "diffs");
	for (size_t i = 0; i < c.diff.files_count; i++)
		entity_diff_file(w, rq, &c.diff.files[i]);
	jsonw_end(w);
	jsonw_field_bool(w, "compare_timeout", c.commits.gave_up);
	jsonw_field_bool(w, "compare_same_ref", oid_eq(&from, &to));
	jsonw_field_str(w, "web_url",
			request_absolute(rq, arena_fmt(rq->arena, "/%.*s/-/compare/%.*s...%.*s",
						       STR_FMT(rq->project->path),
						       STR_FMT(oid_hex(rq->arena, &from)),
						       STR_FMT(oid_hex(rq->arena, &to)))));
	jsonw_end(w);
	return request_send_json(rq, 200, e);
}

int api_merge_base(struct request *rq, struct err *e)
{
	struct jsonw *w = request_jsonw(rq);
	struct commit commit;
	struct repo *repo;
	struct oid oids[2], base;
	size_t count = 0;
	bool found;

	if (request_repo(rq, &repo, e) < 0)
		return -(int)e->code;
	for (size_t i = 0; i < rq->query.count; i++) {
		if (!str_eq_c(rq->query.items[i].name, "refs[]") || count == 2)
			continue;
		if (api_ref_commit(rq, repo, rq->query.items[i].value, &oids[count++], e) < 0)
			return -(int)e->code;
	}
	if (count < 2)
		return err_set(e, ERR_INVALID, "Provide at least 2 refs");
	if (commit_merge_base(repo, &oids[0], &oids[1], &found, &base, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND, "404 Merge Base Not Found");
	if (commit_get(repo, &base, rq->arena, &commit, e) < 0)
		return -(int)e->code;
	entity_commit(w, rq, &commit, NULL);
	return request_send_json(rq, 200, e);
}

/* ---- archive ---- */

struct archive_format {
	const char *ending;
	const char *format;
	const char *type;
};

static const struct archive_format *archive_format(struct str ending)
{
	static const struct archive_format formats[] = {
		{ "tar.gz", "tar.gz", "application/gzip" },
		{ "tgz", "tar.gz", "application/gzip" },
		{ "tar", "tar", "application/x-tar" },
		{ "zip", "zip", "application/zip" },
	};

	if (str_is_none(ending))
		return &formats[0];
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_eq_c(ending, formats[i].ending))
			return &formats[i];
	return NULL;
}

/* "app-main-<sha>", as GitLab calls the folder; '/' of a branch becomes '-'. */
static struct str archive_name(struct request *rq, struct str ref, struct str hex)
{
	char *name = arena_strf(rq->arena, "%.*s-%.*s-%.*s", STR_FMT(rq->project->segment),
				STR_FMT(ref), STR_FMT(hex));

	for (char *c = name; *c; c++)
		if (*c == '/' || *c == ' ' || (unsigned char)*c < 0x20)
			*c = '-';
	/* A name that is too long for a folder says only which commit it is. */
	return git_archive_folder_is_plain(str_c(name)) ? str_c(name) : hex;
}

int api_archive(struct request *rq, struct err *e)
{
	const struct archive_format *format = archive_format(request_param(rq, "format"));
	struct git_operation_request want = { .op = GIT_OP_ARCHIVE, .err = -1 };
	struct str ref = request_query(rq, "sha");
	struct repo *repo;
	struct str hex, name;
	struct oid oid;

	if (!format)
		return err_set(e, ERR_NOT_FOUND, "404 Not Found");
	if (request_repo(rq, &repo, e) < 0 || api_ref_commit(rq, repo, ref, &oid, e) < 0)
		return -(int)e->code;
	hex = oid_hex(rq->arena, &oid);
	name = archive_name(rq, str_is_empty(ref) ? repo_default_branch(repo) : ref, hex);
	want.project_id = rq->project->id.v;
	want.user_id = rq->actor.user.v;
	want.request_id = rq->request_id.p;
	want.name = hex.p;
	want.text = arena_strf(rq->arena, "%s %.*s", format->format, STR_FMT(name));
	request_mark_untrusted(rq, arena_fmt(rq->arena, "%.*s.%s", STR_FMT(name), format->ending));
	return request_send_operation(rq, &want, STR_NONE, format->type, e);
}
