#include "archive/bundle.h"

#include "base/fs.h"
#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define PIECE (256 * 1024)
#define NAME_MAX_BYTES 1024

struct bundle {
	struct archive *archive;
	struct archive_entry *entry;
	struct bundle_counts counts;
	char *piece;
};

static int broken(struct archive *a, const char *what, struct err *e)
{
	int code = archive_errno(a);

	if (code == ENOSPC || code == EDQUOT)
		return err_set(e, ERR_PRECONDITION,
			       "The disk is full; nothing usable was written. Free some room and "
			       "try again.");
	return err_set(e, ERR_INTERNAL, "%s: %s", what, archive_error_string(a));
}

int bundle_open(int fd, struct bundle **result, struct err *e)
{
	struct bundle *b = MEM_NEW(struct bundle);

	b->piece = mem_alloc(PIECE);
	b->archive = archive_write_new();
	b->entry = archive_entry_new();
	if (!b->archive || !b->entry || archive_write_add_filter_zstd(b->archive) != ARCHIVE_OK ||
	    archive_write_set_format_pax_restricted(b->archive) != ARCHIVE_OK ||
	    archive_write_open_fd(b->archive, fd) != ARCHIVE_OK) {
		int code = b->archive ? broken(b->archive, "begin the backup", e)
				      : err_set(e, ERR_INTERNAL, "libarchive does not start");

		bundle_close(b);
		return code;
	}
	*result = b;
	return 0;
}

int bundle_finish(struct bundle *b, struct err *e)
{
	if (archive_write_close(b->archive) != ARCHIVE_OK)
		return broken(b->archive, "end the backup", e);
	return 0;
}

void bundle_close(struct bundle *b)
{
	if (!b)
		return;
	archive_entry_free(b->entry);
	archive_write_free(b->archive);
	mem_free(b->piece);
	mem_free(b);
}

struct bundle_counts bundle_count(const struct bundle *b)
{
	return b->counts;
}

static int begin_entry(struct bundle *b, const char *name, mode_t type, int64_t size,
		       int64_t changed, struct err *e)
{
	archive_entry_clear(b->entry);
	archive_entry_set_pathname(b->entry, name);
	archive_entry_set_filetype(b->entry, type);
	archive_entry_set_perm(b->entry, type == AE_IFDIR ? 0700 : 0600);
	archive_entry_set_size(b->entry, size);
	archive_entry_set_mtime(b->entry, changed, 0);
	if (archive_write_header(b->archive, b->entry) != ARCHIVE_OK)
		return broken(b->archive, name, e);
	b->counts.files += type == AE_IFREG;
	b->counts.bytes += (uint64_t)size;
	return 0;
}

static int add_data(struct bundle *b, const char *name, const void *p, size_t n, struct err *e)
{
	if (archive_write_data(b->archive, p, n) != (la_ssize_t)n)
		return broken(b->archive, name, e);
	return 0;
}

int bundle_add_bytes(struct bundle *b, const char *name, struct str bytes, struct err *e)
{
	if (begin_entry(b, name, AE_IFREG, i64_from_size(bytes.n), 0, e) < 0)
		return -(int)e->code;
	return add_data(b, name, bytes.p, bytes.n, e);
}

int bundle_add_folder(struct bundle *b, const char *name, struct err *e)
{
	return begin_entry(b, name, AE_IFDIR, 0, 0, e);
}

int bundle_add_file(struct bundle *b, const char *name, const char *path, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int64_t left;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s is gone", path);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_errno(e, errno, "read %s", path);
	if (begin_entry(b, name, AE_IFREG, st.st_size, st.st_mtime, e) < 0)
		return -(int)e->code;
	for (left = st.st_size; left > 0;) {
		size_t want = left < PIECE ? (size_t)left : PIECE;
		ssize_t n = read(fd, b->piece, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, errno, "read %s", path);
		if (n == 0) {
			memset(b->piece, 0, want);
			n = (ssize_t)want;
		}
		if (add_data(b, name, b->piece, (size_t)n, e) < 0)
			return -(int)e->code;
		left -= n;
	}
	return 0;
}

/* Reading */

static bool is_plain_name(struct str name)
{
	struct str rest = name;
	struct str part;

	if (name.n == 0 || name.n > NAME_MAX_BYTES || name.p[0] == '/')
		return false;
	while (str_cut(&rest, '/', &part)) {
		if (part.n == 0 || str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return false;
	}
	return true;
}

static bool is_allowed(struct str name, const struct str_list *allowed)
{
	for (size_t i = 0; i < allowed->count; i++) {
		struct str first = allowed->items[i];

		if (str_eq(name, first))
			return true;
		if (name.n > first.n && str_starts(name, first) && name.p[first.n] == '/')
			return true;
	}
	return false;
}

static int make_parents(const char *folder, struct str name, struct err *e)
{
	char path[NAME_MAX_BYTES + 4096];
	size_t slash = str_find_last(name, '/');

	if (slash == name.n)
		return 0;
	snprintf(path, sizeof(path), "%s/%.*s", folder, STR_FMT(str_upto(name, slash)));
	return fs_make_folder(path, 0700, e);
}

static int extract_file(struct archive *a, const char *path, mode_t mode, struct err *e)
{
	AUTO_FD fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return err_errno(e, errno, "make %s", path);
	if (archive_read_data_into_fd(a, fd) != ARCHIVE_OK)
		return broken(a, path, e);
	if (fsync(fd) < 0)
		return err_errno(e, errno, "write %s", path);
	return 0;
}

static int extract_one(struct archive *a, struct archive_entry *entry, const char *folder,
		       const struct str_list *allowed, struct bundle_counts *counts, struct err *e)
{
	struct str name = str_c(archive_entry_pathname(entry));
	mode_t type = archive_entry_filetype(entry);
	char path[NAME_MAX_BYTES + 4096];
	mode_t mode = str_starts(name, STR("keys/")) ? 0400 : 0600;

	if (type == AE_IFDIR && str_ends(name, STR("/")))
		name = str_upto(name, name.n - 1);
	if (!is_plain_name(name) || !is_allowed(name, allowed))
		return err_set(e, ERR_INVALID,
			       "This is no backup of Hearth: it has an entry \"%.*s\".",
			       STR_FMT(name));
	if ((type != AE_IFREG && type != AE_IFDIR) || archive_entry_hardlink(entry))
		return err_set(e, ERR_INVALID, "This is no backup of Hearth: \"%.*s\" is no file.",
			       STR_FMT(name));
	snprintf(path, sizeof(path), "%s/%.*s", folder, STR_FMT(name));
	if (type == AE_IFDIR)
		return fs_make_folder(path, 0700, e);
	counts->files++;
	counts->bytes += (uint64_t)archive_entry_size(entry);
	if (make_parents(folder, name, e) < 0)
		return -(int)e->code;
	return extract_file(a, path, mode, e);
}

int bundle_extract(int fd, const char *folder, const struct str_list *allowed,
		   struct bundle_counts *counts, struct err *e)
{
	struct archive *a = archive_read_new();
	struct archive_entry *entry;
	int result = 0;
	int got = ARCHIVE_OK;

	*counts = (struct bundle_counts){ 0 };
	if (!a || archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK) {
		archive_read_free(a);
		return err_set(e, ERR_INTERNAL, "libarchive does not start");
	}
	if (archive_read_open_fd(a, fd, PIECE) != ARCHIVE_OK)
		result = err_set(e, ERR_INVALID, "This is no backup of Hearth: %s.",
				 archive_error_string(a));
	while (result == 0 && (got = archive_read_next_header(a, &entry)) == ARCHIVE_OK)
		result = extract_one(a, entry, folder, allowed, counts, e);
	if (result == 0 && got != ARCHIVE_EOF)
		result = err_set(e, ERR_INVALID, "The backup is damaged: %s.",
				 archive_error_string(a));
	archive_read_free(a);
	return result;
}
