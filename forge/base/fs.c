#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <sys/stat.h>

void fs_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int path_error(struct err *e, const char *what, const char *path)
{
	int errno_value = errno;

	if (errno_value == ENOENT || errno_value == ENOTDIR)
		return err_set(e, ERR_NOT_FOUND, "%s %s: no such file", what, path);
	return err_errno(e, errno_value, "%s %s", what, path);
}

static int read_all(int fd, char *to, size_t room, size_t *n)
{
	*n = 0;
	while (*n < room) {
		ssize_t got = read(fd, to + *n, room - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return 0;
}

/* Files under /proc say size 0: read up to the limit then. */
int fs_read(struct arena *a, const char *path, size_t limit, struct str *bytes, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t room;
	size_t n;
	char *to;

	if (fd < 0 || fstat(fd, &st) < 0)
		return path_error(e, "read", path);
	if (st.st_size < 0 || (uintmax_t)st.st_size > limit)
		return err_set(e, ERR_TOO_LARGE, "%s is larger than the limit of %zu bytes", path,
			       limit);
	room = st.st_size > 0 ? (size_t)st.st_size + 1 : limit + 1;
	to = arena_alloc(a, room + 1);
	if (read_all(fd, to, room, &n) < 0)
		return path_error(e, "read", path);
	if (n > limit)
		return err_set(e, ERR_TOO_LARGE, "%s is larger than the limit of %zu bytes", path,
			       limit);
	to[n] = '\0';
	*bytes = str_n(to, n);
	return 0;
}

int fs_write_all(int fd, struct str bytes, struct err *e)
{
	while (bytes.n > 0) {
		ssize_t written = write(fd, bytes.p, bytes.n);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return err_errno(e, errno, "write");
		bytes = str_from(bytes, (size_t)written);
	}
	return 0;
}

int fs_sync_folder(const char *path, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return path_error(e, "sync folder", path);
	return 0;
}

static int write_and_sync(int fd, const char *path, struct str bytes, mode_t mode, struct err *e)
{
	if (fs_write_all(fd, bytes, e) < 0)
		return err_add(e, "%s", path);
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return path_error(e, "write", path);
	return 0;
}

int fs_write_atomic(const char *path, struct str bytes, mode_t mode, struct err *e)
{
	char beside[4096];
	char folder[4096];
	AUTO_FD fd = -1;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.XXXXXX", path) >= sizeof(beside) ||
	    !str_copy(folder, sizeof(folder), str_c(path)))
		return err_set(e, ERR_INTERNAL, "write %s: the path is too long", path);
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return path_error(e, "write", path);
	if (write_and_sync(fd, path, bytes, mode, e) < 0) {
		unlink(beside);
		return -(int)e->code;
	}
	if (rename(beside, path) < 0) {
		path_error(e, "rename to", path);
		unlink(beside);
		return -(int)e->code;
	}
	return fs_sync_folder(dirname(folder), e);
}

static int make_folders(const char *path, mode_t mode, bool is_exact, struct err *e)
{
	char partial[4096];

	if (!str_copy(partial, sizeof(partial), str_c(path)))
		return err_set(e, ERR_INTERNAL, "make folder %s: the path is too long", path);
	for (char *at = partial + 1;; at++) {
		char was = *at;

		if (was != '/' && was != '\0')
			continue;
		*at = '\0';
		if (mkdir(partial, mode) == 0 ? is_exact && chmod(partial, mode) < 0
					      : errno != EEXIST)
			return path_error(e, "make folder", partial);
		*at = was;
		if (was == '\0')
			return 0;
	}
}

int fs_make_folder(const char *path, mode_t mode, struct err *e)
{
	return make_folders(path, mode, false, e);
}

int fs_make_open_folder(const char *path, struct err *e)
{
	return make_folders(path, 0755, true, e);
}

static int remove_entry(const char *path, const struct stat *st UNUSED, int type UNUSED,
			struct FTW *ftw UNUSED)
{
	return remove(path);
}

int fs_remove_tree(const char *path, struct err *e)
{
	if (nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
		return path_error(e, "remove", path);
	return 0;
}

bool fs_exists(const char *path)
{
	return access(path, F_OK) == 0;
}
