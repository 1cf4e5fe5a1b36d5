/*
 * A commit as tar, tar.gz or zip, made by git's archive operation and streamed
 * as it comes: /-/archive/<ref>/<name>.zip. A failure in the middle cuts the
 * connection, so that nobody takes half an archive for a whole one.
 */
#include "pages/tree.h"
#include "request_relay.h"

static const struct {
	const char *end, *format, *type;
} formats[] = {
	{ ".tar.gz", "tar.gz", "application/gzip" },
	{ ".tgz", "tar.gz", "application/gzip" },
	{ ".tar", "tar", "application/x-tar" },
	{ ".zip", "zip", "application/zip" },
};

static int archive_send(struct request *rq, struct str commit, struct str text, const char *type,
			struct err *e)
{
	const struct git_operation_request want = {
		.op = GIT_OP_ARCHIVE,
		.project_id = rq->project->id.v,
		.user_id = rq->actor.user.v,
		.request_id = arena_cstr(rq->arena, rq->request_id),
		.in = -1,
		.out = -1,
		.err = -1,
		.name = arena_cstr(rq->arena, commit),
		.text = arena_cstr(rq->arena, text),
	};

	request_db_return(rq);
	return request_send_operation(rq, &want, STR_NONE, type, e);
}

int page_archive(struct request *rq, struct err *e)
{
	struct str path = request_param(rq, "ref_path");
	size_t slash = str_find_last(path, '/');
	struct str file = str_from(path, slash + 1);
	struct str folder;
	struct str text;
	struct repo *repo;
	struct oid oid;

	for (size_t i = 0; slash < path.n && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!str_ends(file, str_c(formats[i].end)))
			continue;
		folder = str_upto(file, file.n - strlen(formats[i].end));
		if (!git_archive_folder_is_plain(folder))
			break;
		if (request_repo(rq, &repo, e) < 0 ||
		    repo_resolve(repo, str_upto(path, slash), &oid, e) < 0)
			return -(int)e->code;
		text = arena_fmt(rq->arena, "%s %.*s", formats[i].format, STR_FMT(folder));
		request_mark_untrusted(rq, file);
		return archive_send(rq, oid_hex(rq->arena, &oid), text, formats[i].type, e);
	}
	return err_set(
		e, ERR_NOT_FOUND,
		"An archive's address is /-/archive/<ref>/<name> with .zip, .tar.gz or .tar, and "
		"a plain <name>: it is the folder in it.");
}
