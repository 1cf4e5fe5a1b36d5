#include "store/blob.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/random.h"
#include "secret/sha256.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#define OLD_SECONDS (24 * 3600)
#define NAME_LENGTH (2 * BLOB_SHA256_SIZE)

struct blob_writer {
	struct arena *arena;
	const char *folder;
	const char *path; /* below new/; NULL once kept */
	int fd;
	uint64_t limit;
	uint64_t size;
	bool is_ended;
	struct sha256 hash;
	unsigned char digest[SECRET_SHA256_SIZE];
};

static char *hex_of(struct arena *a, struct str sha256)
{
	struct buf hex;
	char *text;

	ASSERT(sha256.n == BLOB_SHA256_SIZE);
	buf_init(&hex, NAME_LENGTH + 1);
	buf_add_hex(&hex, (const unsigned char *)sha256.p, sha256.n);
	text = arena_cstr(a, buf_str(&hex));
	buf_fini(&hex);
	return text;
}

static char *path_of(struct arena *a, const char *folder, struct str sha256)
{
	const char *hex = hex_of(a, sha256);

	return arena_strf(a, "%s/%.2s/%s", folder, hex, hex + 2);
}

int blob_writer_open(const char *folder, uint64_t limit, struct blob_writer **writer, struct err *e)
{
	struct arena *a = arena_open(64 * 1024);
	const char *new_folder = arena_strf(a, "%s/new", folder);
	const char *path = arena_strf(a, "%s/%.*s", new_folder, STR_FMT(random_hex(a, 16)));
	struct blob_writer *w;
	int fd = -1;

	if (fs_make_folder(new_folder, 0700, e) == 0) {
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			err_errno(e, errno, "write %s", path);
	}
	if (fd < 0) {
		arena_close(a);
		return -(int)e->code;
	}
	w = MEM_NEW(struct blob_writer);
	*w = (struct blob_writer){ .arena = a,
				   .folder = arena_strdup(a, folder),
				   .path = path,
				   .fd = fd,
				   .limit = limit };
	sha256_begin(&w->hash);
	*writer = w;
	return 0;
}

int blob_writer_add(struct blob_writer *w, struct str bytes, struct err *e)
{
	ASSERT(!w->is_ended);
	if (bytes.n > w->limit - w->size)
		return err_set(e, ERR_TOO_LARGE,
			       "The file is larger than the limit of %llu bytes. An administrator "
			       "can raise it (max_artifact_bytes).",
			       (unsigned long long)w->limit);
	if (fs_write_all(w->fd, bytes, e) < 0)
		return err_add(e, "write %s", w->path);
	sha256_add(&w->hash, bytes);
	w->size += bytes.n;
	return 0;
}

int blob_writer_end(struct blob_writer *w, struct arena *a, struct blob_made *made, struct err *e)
{
	ASSERT(!w->is_ended);
	if (fsync(w->fd) < 0)
		return err_errno(e, errno, "fsync %s", w->path);
	sha256_end(&w->hash, w->digest);
	w->is_ended = true;
	*made = (struct blob_made){ arena_str(a, str_n((const char *)w->digest, sizeof(w->digest))),
				    w->size };
	return 0;
}

int blob_writer_fd(const struct blob_writer *w)
{
	return w->fd;
}

/* rename over a file of the same bytes changes nothing for who reads it. */
int blob_writer_keep(struct blob_writer *w, struct err *e)
{
	struct str name = str_n((const char *)w->digest, sizeof(w->digest));
	const char *path = path_of(w->arena, w->folder, name);
	const char *parent =
		arena_strf(w->arena, "%.*s", (int)str_find_last(str_c(path), '/'), path);

	ASSERT(w->is_ended);
	if (w->path == NULL)
		return 0; /* the transaction around it runs again */
	if (!fs_exists(parent) &&
	    (fs_make_folder(parent, 0700, e) < 0 || fs_sync_folder(w->folder, e) < 0))
		return -(int)e->code;
	if (rename(w->path, path) < 0)
		return err_errno(e, errno, "rename %s to %s", w->path, path);
	w->path = NULL;
	fs_close(&w->fd);
	return fs_sync_folder(parent, e);
}

void blob_writer_close(struct blob_writer *w)
{
	if (w == NULL)
		return;
	if (w->path)
		(void)!unlink(w->path);
	fs_close(&w->fd);
	arena_close(w->arena);
	mem_free(w);
}

int blob_file_open(const char *folder, struct str sha256, int *fd, uint64_t *size, struct err *e)
{
	struct arena *a = arena_open(64 * 1024);
	const char *path = path_of(a, folder, sha256);
	int opened = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	int result = 0;

	if (opened < 0 && errno == ENOENT)
		result = err_set(e, ERR_NOT_FOUND, "The file is no longer stored.");
	else if (opened < 0 || fstat(opened, &st) < 0)
		result = err_errno(e, errno, "open %s", path);
	arena_close(a);
	if (result < 0) {
		fs_close(&opened);
		return result;
	}
	*fd = opened;
	*size = (uint64_t)st.st_size;
	return 0;
}

int blob_file_remove(const char *folder, struct str sha256, struct err *e)
{
	struct arena *a = arena_open(64 * 1024);
	const char *path = path_of(a, folder, sha256);
	int result = 0;

	if (unlink(path) < 0 && errno != ENOENT)
		result = err_errno(e, errno, "remove %s", path);
	arena_close(a);
	return result;
}

/* ---- what nobody knows ---- */

static bool is_old(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mtime < time(NULL) - OLD_SECONDS;
}

typedef void found_old(void *closure, int folder, const char *name);

static int each_old(const char *path, found_old *found, void *closure, struct err *e)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(e, errno, "read folder %s", path);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.' && is_old(dirfd(dir), entry->d_name))
			found(closure, dirfd(dir), entry->d_name);
	closedir(dir);
	return 0;
}

static void remove_old(void *closure UNUSED, int folder, const char *name)
{
	(void)!unlinkat(folder, name, 0);
}

#define LIST_MAX 1000

struct listing_old {
	struct arena *arena;
	const char *prefix;
	struct str_list *list;
};

static void list_old(void *closure, int folder UNUSED, const char *name)
{
	struct listing_old *l = closure;
	unsigned char bytes[BLOB_SHA256_SIZE];
	struct str hex = arena_fmt(l->arena, "%s%s", l->prefix, name);

	if (l->list->count < LIST_MAX && hex.n == NAME_LENGTH &&
	    str_to_bytes(hex, bytes, sizeof(bytes)))
		l->list->items[l->list->count++] =
			arena_str(l->arena, str_n((const char *)bytes, sizeof(bytes)));
}

int blob_file_list_old(const char *folder, unsigned subfolder, struct arena *a,
		       struct str_list *sha256s, struct err *e)
{
	struct listing_old l = { a, arena_strf(a, "%02x", subfolder & 255), sha256s };

	*sha256s = (struct str_list){ ARENA_ARRAY(a, struct str, LIST_MAX), 0 };
	if (each_old(arena_strf(a, "%s/new", folder), remove_old, NULL, e) < 0)
		return -(int)e->code;
	return each_old(arena_strf(a, "%s/%s", folder, l.prefix), list_old, &l, e);
}
