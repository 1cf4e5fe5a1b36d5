#include "request_artifact.h"

#include "base/fs.h"

#define PEEK_BYTES 8192

const char *request_blob_folder(const struct request *rq)
{
	return arena_strf(rq->arena, "%s/blobs", rq->app->data);
}

int request_send_artifact(struct request *rq, const struct artifact *artifact, struct err *e)
{
	uint64_t size;
	int fd;

	request_db_return(rq);
	if (blob_file_open(request_blob_folder(rq), artifact->sha256, &fd, &size, e) < 0)
		return -(int)e->code;
	request_mark_untrusted(rq, artifact->filename);
	http_respond_file(rq->http, 200,
			  str_eq_c(artifact->format, "zip") ? "application/zip"
							    : "application/octet-stream",
			  fd, size);
	return 0;
}

static void close_fd(void *object)
{
	int *fd = object;

	fs_close(fd);
}

int request_open_artifact(struct request *rq, const struct artifact *artifact,
			  struct artifact_files *files, struct err *e)
{
	int *fd = ARENA_NEW(rq->arena, int);
	uint64_t size = 0;

	request_db_return(rq);
	*fd = -1;
	if (blob_file_open(request_blob_folder(rq), artifact->sha256, fd, &size, e) < 0)
		return -(int)e->code;
	arena_link(rq->arena, close_fd, fd);
	files->fd = *fd;
	return zip_directory_read(*fd, size, rq->arena, &files->directory, e);
}

int artifact_files_get(const struct artifact_files *files, struct str path,
		       const struct zip_entry **entry, struct err *e)
{
	*entry = zip_directory_find(&files->directory, path);
	if (*entry == NULL || (*entry)->is_folder)
		return err_set(e, ERR_NOT_FOUND, "The artifacts hold no such file.");
	return 0;
}

/* ---- one file ---- */

static void close_reader(void *object)
{
	zip_reader_close(object);
}

static int open_reader(struct request *rq, const struct artifact_files *files,
		       const struct zip_entry *entry, struct zip_reader **reader, struct err *e)
{
	if (zip_reader_open(files->fd, entry, reader, e) < 0)
		return -(int)e->code;
	arena_link(rq->arena, close_reader, *reader);
	return 0;
}

int artifact_file_read(struct request *rq, const struct artifact_files *files,
		       const struct zip_entry *entry, size_t limit, struct str *bytes,
		       struct err *e)
{
	size_t room = entry->size < limit ? (size_t)entry->size : limit;
	char *text = arena_alloc(rq->arena, room + 1);
	struct zip_reader *reader;
	size_t n = 0;

	if (open_reader(rq, files, entry, &reader, e) < 0)
		return -(int)e->code;
	while (n < room) {
		ssize_t got = zip_reader_read(reader, text + n, room - n, e);

		if (got < 0)
			return (int)got;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	*bytes = str_n(text, n);
	return 0;
}

static const struct {
	const char *end, *type;
} images[] = {
	{ ".png", "image/png" }, { ".jpg", "image/jpeg" },   { ".jpeg", "image/jpeg" },
	{ ".gif", "image/gif" }, { ".webp", "image/webp" },  { ".avif", "image/avif" },
	{ ".bmp", "image/bmp" }, { ".ico", "image/x-icon" }, { ".svg", "image/svg+xml" },
};

/* By its beginning: what has no zero byte is text, whatever its name says. */
static int type_of(struct request *rq, const struct artifact_files *files,
		   const struct zip_entry *entry, const char **type, struct err *e)
{
	struct str head;

	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct str end = str_c(images[i].end);

		if (entry->path.n > end.n &&
		    str_eq_nocase(str_from(entry->path, entry->path.n - end.n), end)) {
			*type = images[i].type;
			return 0;
		}
	}
	if (artifact_file_read(rq, files, entry, PEEK_BYTES, &head, e) < 0)
		return -(int)e->code;
	*type = str_has(head, '\0') ? "application/octet-stream" : "text/plain; charset=utf-8";
	return 0;
}

struct sending {
	struct request *rq;
	struct zip_reader *reader;
	struct str path;
};

static ssize_t read_entry(void *closure, char *to, size_t room)
{
	struct sending *s = closure;
	struct err e = { 0 };
	ssize_t n = zip_reader_read(s->reader, to, room, &e);

	if (n >= 0)
		return n;
	LOG(&s->rq->app->log, LOG_WARN, "artifact", F_STR("request_id", s->rq->request_id),
	    F_STR("path", s->path), F_ERR(&e));
	return -1;
}

int request_send_artifact_file(struct request *rq, const struct artifact_files *files,
			       const struct zip_entry *entry, bool as_download, struct err *e)
{
	struct sending *s = ARENA_NEW(rq->arena, struct sending);
	struct str name = str_from(entry->path, str_find_last(entry->path, '/') + 1);
	const char *type = NULL;

	if (!str_has(entry->path, '/'))
		name = entry->path;
	if (entry->size > ARTIFACT_FILE_MAX)
		return err_set(e, ERR_TOO_LARGE,
			       "This file is larger than what is sent out of an archive (1 GB); "
			       "download the whole archive.");
	*s = (struct sending){ .rq = rq, .path = entry->path };
	if (type_of(rq, files, entry, &type, e) < 0 ||
	    open_reader(rq, files, entry, &s->reader, e) < 0)
		return -(int)e->code;
	request_mark_untrusted(rq, as_download ? name : STR_NONE);
	http_respond_stream(rq->http, 200, type, entry->size, read_entry, s);
	return 0;
}
