/*
 * Packing walks the project folder by descriptors, never following a link, and
 * asks of each file whether a path of the job names it or a folder above it.
 */
#include "runner/artifact.h"

#include "archive/zip.h"
#include "base/arena.h"
#include "ci/pattern.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DEPTH_MAX 200

struct packing {
	struct arena *arena;
	struct str folder;
	struct str_list paths; /* plain_globs of the choice */
	struct str_list exclude;
	struct zip_writer *zip;
	int fd;
	size_t count;
};

/* "./out/", "$CI_PROJECT_DIR/out" and "out" are the same glob; one that leads out matches nothing.
 */
static struct str clean_glob(const struct packing *p, struct str glob)
{
	struct str below = glob;

	if (str_cut_prefix(&below, p->folder) && (below.n == 0 || below.p[0] == '/'))
		glob = below.n > 1 ? str_from(below, 1) : STR(".");
	while (str_cut_prefix(&glob, STR("./")))
		if (glob.n == 0)
			return STR(".");
	while (glob.n > 1 && glob.p[glob.n - 1] == '/')
		glob.n--;
	return glob;
}

/* As they are asked of each file: clean, and {a,b} as one glob for each. */
static int plain_globs(struct packing *p, const struct str_list *globs, struct str_list *plain,
		       struct err *e)
{
	size_t most = globs->count * CI_GLOB_ALTERNATIVES_MAX;

	*plain = (struct str_list){ ARENA_ARRAY(p->arena, struct str, most), 0 };
	for (size_t i = 0; i < globs->count; i++) {
		struct str glob = clean_glob(p, globs->items[i]);
		struct str *alternatives = NULL;
		size_t count = 0;

		if (ci_glob_expand(p->arena, glob, &alternatives, &count, e) < 0)
			return err_add(e, "artifacts");
		for (size_t j = 0; j < count; j++)
			plain->items[plain->count++] = alternatives[j];
	}
	return 0;
}

/* Whether a glob matches the path or a folder above it. */
static bool matches_or_holds(struct str glob, struct str path)
{
	if (str_eq(glob, STR(".")))
		return true;
	for (size_t end = 0; end <= path.n; end++)
		if ((end == path.n || path.p[end] == '/') &&
		    ci_glob_match(glob, str_upto(path, end)))
			return true;
	return false;
}

static bool is_chosen(const struct packing *p, struct str path)
{
	for (size_t i = 0; i < p->paths.count; i++)
		if (matches_or_holds(p->paths.items[i], path))
			return true;
	return false;
}

static bool is_excluded(const struct packing *p, struct str path)
{
	for (size_t i = 0; i < p->exclude.count; i++)
		if (ci_glob_match(p->exclude.items[i], path))
			return true;
	return false;
}

/* The archive begins with its first file: nothing matched means nothing written. */
static int open_zip(struct packing *p, struct err *e)
{
	if (p->zip == NULL && zip_writer_open(p->fd, &p->zip, e) < 0)
		return -(int)e->code;
	if (++p->count > ARTIFACT_FILES_MAX)
		return err_set(e, ERR_TOO_LARGE, "artifacts: more than %d files",
			       ARTIFACT_FILES_MAX);
	return 0;
}

static int pack_link(struct packing *p, int folder, const char *name, const char *path,
		     const struct stat *st, struct err *e)
{
	char target[4096];
	ssize_t n = readlinkat(folder, name, target, sizeof(target) - 1);

	if (n < 0)
		return err_errno(e, errno, "read link %s", path);
	target[n] = '\0';
	if (open_zip(p, e) < 0)
		return -(int)e->code;
	return zip_add_link(p->zip, path, target, st->st_mtime, e);
}

static int pack_file(struct packing *p, int folder, const char *name, const char *path,
		     struct err *e)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int result;

	if (fd < 0 || fstat(fd, &st) < 0) {
		dprintf(STDERR_FILENO, "artifacts: %s cannot be read: %s\n", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	result = open_zip(p, e);
	if (result == 0)
		result = zip_add_file(p->zip, path, fd, st.st_size, st.st_mode, st.st_mtime, e);
	close(fd);
	return result;
}

static int pack_folder(struct packing *p, int folder, const char *path, int depth, struct err *e);

static int pack_entry(struct packing *p, int folder, const char *name, const char *path, int depth,
		      struct err *e)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode)) {
		int below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		return below < 0 ? 0 : pack_folder(p, below, path, depth + 1, e);
	}
	if (!is_chosen(p, str_c(path)) || is_excluded(p, str_c(path)))
		return 0;
	if (S_ISLNK(st.st_mode))
		return pack_link(p, folder, name, path, &st, e);
	return S_ISREG(st.st_mode) ? pack_file(p, folder, name, path, e) : 0;
}

/* Takes the descriptor over. */
static int pack_folder(struct packing *p, int folder, const char *path, int depth, struct err *e)
{
	DIR *dir = depth > DEPTH_MAX ? NULL : fdopendir(folder);
	const struct dirent *entry;
	int result = 0;

	if (dir == NULL) {
		close(folder);
		return 0;
	}
	while (result == 0 && (entry = readdir(dir))) {
		struct arena_mark mark = arena_mark(p->arena);
		const char *name = entry->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		    (depth == 0 && strcmp(name, ".git") == 0))
			continue;
		result = pack_entry(p, dirfd(dir), name,
				    path[0] ? arena_strf(p->arena, "%s/%s", path, name)
					    : arena_strdup(p->arena, name),
				    depth, e);
		arena_reset(p->arena, mark);
	}
	closedir(dir);
	return result;
}

/* Takes the descriptor over. */
static int pack_chosen(struct packing *p, const struct artifact_choice *choice, int top,
		       struct err *e)
{
	if (plain_globs(p, &choice->paths, &p->paths, e) < 0 ||
	    plain_globs(p, &choice->exclude, &p->exclude, e) < 0) {
		close(top);
		return -(int)e->code;
	}
	return pack_folder(p, top, "", 0, e);
}

static void say_what_matched_nothing(const struct artifact_choice *choice, size_t count)
{
	if (count > 0)
		return;
	for (size_t i = 0; i < choice->paths.count; i++)
		dprintf(STDERR_FILENO, "WARNING: %.*s: no matching files\n",
			STR_FMT(choice->paths.items[i]));
}

int artifact_pack(const char *folder, const struct artifact_choice *choice, int fd, size_t *count,
		  struct err *e)
{
	struct packing p = { .arena = arena_open(0), .folder = str_c(folder), .fd = fd };
	int top = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct err closing = { 0 };
	int result;

	if (top < 0)
		result = err_errno(e, errno, "open %s", folder);
	else
		result = pack_chosen(&p, choice, top, e);
	if (zip_writer_close(p.zip, &closing) < 0 && result == 0) {
		*e = closing;
		result = -(int)e->code;
	}
	say_what_matched_nothing(choice, p.count);
	arena_close(p.arena);
	*count = p.count;
	return result;
}

int artifact_unpack(const char *folder, int fd, size_t *count, struct err *e)
{
	return zip_unpack(fd, folder, count, e);
}
