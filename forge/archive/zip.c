#include "archive/zip.h"

#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define BLOCK 65536

struct zip_writer {
	struct archive *archive;
	bool has_failed;
};

static int archive_failed(struct archive *archive, const char *what, struct err *e)
{
	const char *text = archive_error_string(archive);
	int reason = archive_errno(archive);

	/* Its own sentence for a full disk is "Write error". */
	if (reason == ENOSPC || reason == EDQUOT)
		return err_errno(e, reason, "%s", what);
	return err_set(e, ERR_UNPROCESSABLE, "%s: %s", what, text ? text : "not a zip file");
}

int zip_writer_open(int fd, struct zip_writer **writer, struct err *e)
{
	struct zip_writer *w = MEM_NEW(struct zip_writer);

	w->archive = archive_write_new();
	ASSERT(w->archive != NULL);
	if (archive_write_set_format_zip(w->archive) != ARCHIVE_OK ||
	    archive_write_set_bytes_in_last_block(w->archive, 1) != ARCHIVE_OK ||
	    archive_write_open_fd(w->archive, fd) != ARCHIVE_OK) {
		archive_failed(w->archive, "start the zip file", e);
		archive_write_free(w->archive);
		mem_free(w);
		return -(int)e->code;
	}
	*writer = w;
	return 0;
}

int zip_writer_close(struct zip_writer *writer, struct err *e)
{
	int result = 0;

	if (writer == NULL)
		return 0;
	if (!writer->has_failed && archive_write_close(writer->archive) != ARCHIVE_OK)
		result = archive_failed(writer->archive, "end the zip file", e);
	archive_write_free(writer->archive);
	mem_free(writer);
	return result;
}

static int add_header(struct zip_writer *w, struct archive_entry *entry, struct err *e)
{
	if (archive_write_header(w->archive, entry) == ARCHIVE_OK)
		return 0;
	w->has_failed = true;
	return archive_failed(w->archive, archive_entry_pathname(entry), e);
}

static struct archive_entry *new_entry(const char *path, int64_t mtime)
{
	struct archive_entry *entry = archive_entry_new();

	ASSERT(entry != NULL);
	archive_entry_set_pathname(entry, path);
	archive_entry_set_mtime(entry, mtime, 0);
	return entry;
}

/* A file that grows or shrinks while it is read keeps the size its header says. */
static int add_bytes(struct zip_writer *w, const char *path, int fd, int64_t size, struct err *e)
{
	static const char zeros[BLOCK];
	char block[BLOCK];

	while (size > 0) {
		size_t want = size < BLOCK ? (size_t)size : BLOCK;
		ssize_t got = read(fd, block, want);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, errno, "read %s", path);
		if (archive_write_data(w->archive, got > 0 ? block : zeros,
				       got > 0 ? (size_t)got : want) < 0) {
			w->has_failed = true;
			return archive_failed(w->archive, path, e);
		}
		size -= got > 0 ? got : (ssize_t)want;
	}
	return 0;
}

int zip_add_file(struct zip_writer *writer, const char *path, int fd, int64_t size, unsigned mode,
		 int64_t mtime, struct err *e)
{
	struct archive_entry *entry = new_entry(path, mtime);
	int result;

	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, mode & 0777);
	archive_entry_set_size(entry, size);
	result = add_header(writer, entry, e);
	archive_entry_free(entry);
	return result < 0 ? result : add_bytes(writer, path, fd, size, e);
}

int zip_add_link(struct zip_writer *writer, const char *path, const char *target, int64_t mtime,
		 struct err *e)
{
	struct archive_entry *entry = new_entry(path, mtime);
	int result;

	archive_entry_set_filetype(entry, AE_IFLNK);
	archive_entry_set_perm(entry, 0777);
	archive_entry_set_symlink(entry, target);
	result = add_header(writer, entry, e);
	archive_entry_free(entry);
	return result;
}

/* ------------------------------------------------------------------------ reading */

/* How deep a path stands below the folder it starts in; -1 if it leaves it on the way. */
static int depth_of(struct str path)
{
	struct str part;
	int depth = 0;

	if (str_starts(path, STR("/")))
		return -1;
	while (str_cut(&path, '/', &part)) {
		if (str_eq(part, STR("..")))
			depth--;
		else if (part.n > 0 && !str_eq(part, STR(".")))
			depth++;
		if (depth < 0)
			return -1;
	}
	return depth;
}

/* Steps up are counted by the text, so they must come first: a name before them may be a link. */
static bool goes_up_first(struct str target)
{
	bool has_name = false;
	struct str part;

	while (str_cut(&target, '/', &part)) {
		if (has_name && str_eq(part, STR("..")))
			return false;
		has_name |= part.n > 0 && !str_eq(part, STR(".")) && !str_eq(part, STR(".."));
	}
	return true;
}

static bool link_stays_inside(struct str path, struct str target)
{
	char both[8192];
	size_t folder = str_find_last(path, '/');

	if (str_starts(target, STR("/")) || !goes_up_first(target))
		return false;
	if (folder == path.n)
		return depth_of(target) >= 0;
	return (size_t)snprintf(both, sizeof(both), "%.*s/%.*s", (int)folder, path.p,
				STR_FMT(target)) < sizeof(both) &&
	       depth_of(str_c(both)) >= 0;
}

static bool has_parent_step(struct str path)
{
	struct str part;

	while (str_cut(&path, '/', &part))
		if (str_eq(part, STR("..")))
			return true;
	return false;
}

static int check_entry(struct archive_entry *entry, struct err *e)
{
	struct str path = str_c(archive_entry_pathname(entry));
	unsigned type = archive_entry_filetype(entry);

	if (path.n == 0 || path.n > 4000 || has_parent_step(path) || depth_of(path) < 0)
		return err_set(e, ERR_UNPROCESSABLE,
			       "the zip file holds a name that leads out: "
			       "%.*s",
			       STR_FMT(str_upto(path, 200)));
	if (archive_entry_hardlink(entry) ||
	    (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK))
		return err_set(e, ERR_UNPROCESSABLE,
			       "the zip file holds something that is no file, folder or link: %.*s",
			       STR_FMT(str_upto(path, 200)));
	if (type == AE_IFLNK && !link_stays_inside(path, str_c(archive_entry_symlink(entry))))
		return err_set(
			e, ERR_UNPROCESSABLE,
			"the zip file holds a link that leads out, or goes up behind a name: "
			"%.*s",
			STR_FMT(str_upto(path, 200)));
	return 0;
}

struct unpacking {
	struct archive *in;
	struct archive *out;
	int64_t bytes;
};

static int copy_bytes(struct unpacking *u, const char *path, struct err *e)
{
	int64_t of_entry = 0;

	for (;;) {
		const void *block;
		size_t n;
		la_int64_t offset;
		int status = archive_read_data_block(u->in, &block, &n, &offset);

		if (status == ARCHIVE_EOF)
			return 0;
		if (status != ARCHIVE_OK)
			return archive_failed(u->in, path, e);
		of_entry += (int64_t)n;
		u->bytes += (int64_t)n;
		if (of_entry > ZIP_ENTRY_BYTES_MAX || u->bytes > ZIP_BYTES_MAX)
			return err_set(e, ERR_TOO_LARGE,
				       "the zip file unpacks to more than the "
				       "limit of %lld bytes",
				       ZIP_BYTES_MAX);
		if (archive_write_data_block(u->out, block, n, offset) != ARCHIVE_OK)
			return archive_failed(u->out, path, e);
	}
}

static int unpack_entry(struct unpacking *u, const char *folder, struct archive_entry *entry,
			struct err *e)
{
	char path[8192];

	if (check_entry(entry, e) < 0)
		return -(int)e->code;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, archive_entry_pathname(entry)) >=
	    sizeof(path))
		return err_set(e, ERR_UNPROCESSABLE, "the zip file holds a name that is too long");
	archive_entry_set_pathname(entry, path);
	archive_entry_set_perm(entry, archive_entry_perm(entry) & 0777);
	if (archive_write_header(u->out, entry) != ARCHIVE_OK)
		return archive_failed(u->out, path, e);
	if (archive_entry_filetype(entry) == AE_IFREG && copy_bytes(u, path, e) < 0)
		return -(int)e->code;
	return archive_write_finish_entry(u->out) == ARCHIVE_OK ? 0
								: archive_failed(u->out, path, e);
}

static int unpack_all(struct unpacking *u, const char *folder, size_t *count, struct err *e)
{
	struct archive_entry *entry;
	int status;

	*count = 0;
	while ((status = archive_read_next_header(u->in, &entry)) == ARCHIVE_OK) {
		if (++*count > ZIP_ENTRIES_MAX)
			return err_set(e, ERR_TOO_LARGE, "the zip file has more than %d entries",
				       ZIP_ENTRIES_MAX);
		if (unpack_entry(u, folder, entry, e) < 0)
			return -(int)e->code;
	}
	return status == ARCHIVE_EOF ? 0 : archive_failed(u->in, "read the zip file", e);
}

int zip_unpack(int fd, const char *folder, size_t *count, struct err *e)
{
	struct unpacking u = { archive_read_new(), archive_write_disk_new(), 0 };
	int result;

	ASSERT(u.in != NULL && u.out != NULL);
	archive_write_disk_set_options(
		u.out, ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_UNLINK |
			       ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	if (archive_read_support_format_zip_seekable(u.in) != ARCHIVE_OK ||
	    archive_read_open_fd(u.in, fd, BLOCK) != ARCHIVE_OK)
		result = archive_failed(u.in, "open the zip file", e);
	else
		result = unpack_all(&u, folder, count, e);
	archive_read_free(u.in);
	if (archive_write_free(u.out) != ARCHIVE_OK && result == 0)
		result = err_set(e, ERR_INTERNAL, "finish unpacking below %s", folder);
	return result;
}
