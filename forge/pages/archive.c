/*
 * A commit as tar, tar.gz or zip, made by git's archive operation and streamed
 * as it comes: /-/archive/<ref>/<name>.zip. A failure in the middle cuts the
 * connection, so that nobody takes half an archive for a whole one.
 */
#include "git/operation.h"
#include "pages/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct archive {
	struct git_operation *op;
	int fd;
};

static const struct {
	const char *end, *format, *type;
} formats[] = {
	{ ".tar.gz", "tar.gz", "application/gzip" },
	{ ".tgz", "tar.gz", "application/gzip" },
	{ ".tar", "tar", "application/x-tar" },
	{ ".zip", "zip", "application/zip" },
};

static void archive_close(void *object)
{
	struct archive *archive = object;

	git_operation_close(archive->op);
	if (archive->fd >= 0)
		close(archive->fd);
}

static ssize_t archive_read(void *closure, char *to, size_t room)
{
	struct archive *archive = closure;
	struct err e;
	ssize_t n;

	do
		n = read(archive->fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n == 0 && git_operation_wait(archive->op, &e) < 0)
		return -1;
	return n;
}

static int archive_start(struct request *rq, struct str commit, struct str text,
			 struct archive **archive, struct err *e)
{
	struct git_operation_request operation = {
		.op = GIT_OP_ARCHIVE,
		.project_id = rq->project->id.v,
		.user_id = rq->actor.user.v,
		.request_id = arena_cstr(rq->arena, rq->request_id),
		.in = -1,
		.err = -1,
		.name = arena_cstr(rq->arena, commit),
		.text = arena_cstr(rq->arena, text),
	};
	int pipes[2];
	int result;

	if (pipe2(pipes, O_CLOEXEC) != 0)
		return err_errno(e, errno, "archive: pipe");
	*archive = ARENA_NEW(rq->arena, struct archive);
	(*archive)->fd = pipes[0];
	arena_link(rq->arena, archive_close, *archive);
	operation.out = pipes[1];
	request_db_return(rq);
	result = git_operation_start(rq->app->run, &operation, &(*archive)->op, e);
	close(pipes[1]);
	return result;
}

int page_archive(struct request *rq, struct err *e)
{
	struct str path = request_param(rq, "ref_path");
	size_t slash = str_find_last(path, '/');
	struct str file = str_from(path, slash + 1);
	struct archive *archive = NULL;
	struct str folder;
	struct repo *repo;
	struct oid oid;

	for (size_t i = 0; slash < path.n && i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (!str_ends(file, str_c(formats[i].end)))
			continue;
		if (request_repo(rq, &repo, e) < 0 ||
		    repo_resolve(repo, str_upto(path, slash), &oid, e) < 0)
			return -(int)e->code;
		folder = str_upto(file, file.n - strlen(formats[i].end));
		if (archive_start(rq, oid_hex(rq->arena, &oid),
				  arena_fmt(rq->arena, "%s %.*s/", formats[i].format,
					    STR_FMT(folder)),
				  &archive, e) < 0)
			return -(int)e->code;
		request_mark_untrusted(rq, file);
		http_respond_stream(rq->http, 200, formats[i].type, HTTP_SIZE_UNKNOWN, archive_read,
				    archive);
		return 0;
	}
	return err_set(e, ERR_NOT_FOUND,
		       "An archive's address is /-/archive/<ref>/<name> with .zip, .tar.gz or .tar.");
}
