#include "data_folder.h"

#include "base/buf.h"
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

int data_folder_choose(struct arena *a, const char *given, const char **path, struct err *e)
{
	const char *home;
	char here[PATH_MAX];

	if (!given || !*given)
		given = getenv("HEARTH_DATA");
	if (given && *given) {
		if (given[0] == '/') {
			*path = arena_strdup(a, given);
			return 0;
		}
		if (!getcwd(here, sizeof(here)))
			return err_errno(e, errno, "find the current folder");
		*path = arena_strf(a, "%s/%s", here, given);
		return 0;
	}
	if (geteuid() == 0) {
		*path = "/var/lib/hearth";
		return 0;
	}
	home = getenv("XDG_DATA_HOME");
	if (home && home[0] == '/') {
		*path = arena_strf(a, "%s/hearth", home);
		return 0;
	}
	home = getenv("HOME");
	if (!home || home[0] != '/')
		return err_set(e, ERR_INVALID,
			       "Say which data directory is meant: --data DIR or HEARTH_DATA.");
	*path = arena_strf(a, "%s/.local/share/hearth", home);
	return 0;
}

int64_t data_free_bytes(const char *path)
{
	struct statvfs v;
	int64_t bytes;

	if (statvfs(path, &v) < 0 || __builtin_mul_overflow(v.f_bavail, v.f_frsize, &bytes))
		return -1;
	return bytes;
}

/* The first folder on the way to path that the owner may not enter, or NULL. */
static const char *closed_parent(struct arena *a, const char *path, const struct owner *owner)
{
	const char *closed = NULL;
	uid_t me = geteuid();
	gid_t mine = getegid();

	if (me == 0 && owner->uid != 0 && (setegid(owner->gid) < 0 || seteuid(owner->uid) < 0))
		return NULL;
	for (size_t i = 1; path[i] && !closed; i++) {
		const char *parent;

		if (path[i] != '/')
			continue;
		parent = arena_cstr(a, str_n(path, i));
		if (faccessat(AT_FDCWD, parent, X_OK, AT_EACCESS) < 0 && errno == EACCES)
			closed = parent;
	}
	if (me == 0 && (seteuid(me) < 0 || setegid(mine) < 0))
		abort();
	return closed;
}

static int refuse_closed(const char *path, const char *closed, const struct owner *owner,
			 struct err *e)
{
	struct stat st = { 0 };

	(void)!stat(closed, &st);
	return err_set(
		e, ERR_PRECONDITION,
		"The data directory %s cannot be used: user %s, who runs Hearth, may not enter %s "
		"(mode %04o). Choose another place with --data, for example "
		"/var/lib/hearth, or let others pass: chmod o+x %s",
		path, owner->name, closed, (unsigned)st.st_mode & 07777, closed);
}

static bool is_empty_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool empty = dir != NULL;

	while (dir && (entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(entry->d_name, "lost+found") != 0)
			empty = false;
	}
	if (dir)
		closedir(dir);
	return empty;
}

/* Who shall own the folder; as root an empty folder of root's becomes hearth's. */
static int settle_owner(struct arena *a, const char *path, bool may_create,
			struct data_folder *folder, struct err *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_errno(e, errno, "look at %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_PRECONDITION, "%s is not a folder; --data wants one.", path);
	owner_from_uid(st.st_uid, st.st_gid, &folder->owner);
	if (geteuid() != 0) {
		if (st.st_uid == geteuid()) {
			if (may_create && is_empty_folder(path) && chmod(path, 0700) < 0)
				return err_errno(e, errno, "close %s to others", path);
			return 0;
		}
		return err_set(e, ERR_FORBIDDEN,
			       "The data directory %s belongs to user %s. Run this as %s or as "
			       "root, or choose another folder with --data.",
			       path, folder->owner.name, folder->owner.name);
	}
	if (st.st_uid != 0)
		return 0;
	if (!may_create || !is_empty_folder(path))
		return err_set(
			e, ERR_PRECONDITION,
			"%s belongs to root and is not a data directory of Hearth. Choose an empty "
			"folder with --data, or give this one to user %s (chown -R).",
			path, PRIVILEGE_USER);
	if (privilege_make_users(a, e) < 0 || owner_find(PRIVILEGE_USER, &folder->owner, e) < 0)
		return -(int)e->code;
	if (chown(path, folder->owner.uid, folder->owner.gid) < 0 || chmod(path, 0700) < 0)
		return err_errno(e, errno, "give %s to user %s", path, folder->owner.name);
	return 0;
}

static int make_inside(struct arena *a, const struct data_folder *f, struct err *e)
{
	static const char *const names[] = { "repositories", "traces", "blobs", "tmp",
					     "log",          "keys",   "redis" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = arena_strf(a, "%s/%s", f->path, names[i]);

		if (mkdir(path, 0700) == 0) {
			if (geteuid() == 0 && chown(path, f->owner.uid, f->owner.gid) < 0)
				return err_errno(e, errno, "give %s to %s", path, f->owner.name);
		} else if (errno == ENOSPC || errno == EDQUOT) {
			return err_set(e, ERR_PRECONDITION,
				       "The disk of %s is full; free some room and start again.",
				       f->path);
		} else if (errno != EEXIST) {
			return err_errno(e, errno, "make %s", path);
		}
	}
	return 0;
}

static int check_room(const char *path, struct err *e)
{
	int64_t bytes = data_free_bytes(path);

	if (bytes < 0 || bytes >= DATA_FREE_LEAST)
		return 0;
	return err_set(
		e, ERR_PRECONDITION,
		"The disk of %s is full: %lld MiB are free, and Hearth wants %lld MiB to start "
		"with. Free some room, or choose another disk with --data.",
		path, (long long)(bytes >> 20), (long long)(DATA_FREE_LEAST >> 20));
}

int data_folder_open(struct arena *a, const char *path, bool may_create, struct data_folder *folder,
		     struct err *e)
{
	char real[PATH_MAX];
	const char *closed;
	struct err made;

	if (may_create && fs_make_open_folder(path, &made) < 0)
		return err_set(e, ERR_PRECONDITION, "The data directory %s cannot be made: %s",
			       path, made.text);
	if (!realpath(path, real)) {
		if (errno == ENOENT)
			return err_set(
				e, ERR_NOT_FOUND,
				"There is no data directory %s. `hearth up --data %s` makes one; "
				"--data or HEARTH_DATA names another.",
				path, path);
		return err_set(e, ERR_FORBIDDEN, "The data directory %s cannot be reached: %s.",
			       path, strerror(errno));
	}
	folder->path = arena_strdup(a, real);
	folder->run = NULL;
	if (settle_owner(a, folder->path, may_create, folder, e) < 0)
		return -(int)e->code;
	closed = closed_parent(a, folder->path, &folder->owner);
	if (closed)
		return refuse_closed(folder->path, closed, &folder->owner, e);
	if (!may_create)
		return 0;
	if (check_room(folder->path, e) < 0)
		return -(int)e->code;
	return make_inside(a, folder, e);
}

/* Sockets */

/* FNV-1a: only tells folders apart; the folder's own rights keep others out. */
static uint64_t path_hash(const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT64_C(1099511628211);
	return hash;
}

/* Makes it, or takes one that is there only if it is the owner's alone. */
static int make_run(const char *path, const struct owner *owner, struct err *e)
{
	struct stat st;

	if (mkdir(path, 0700) == 0 && geteuid() == 0 && chown(path, owner->uid, owner->gid) < 0)
		return err_errno(e, errno, "give %s to %s", path, owner->name);
	if (lstat(path, &st) < 0)
		return err_errno(e, errno, "make the folder of sockets %s", path);
	if (!S_ISDIR(st.st_mode) || st.st_uid != owner->uid || (st.st_mode & 077) != 0)
		return err_set(e, ERR_INTERNAL,
			       "the folder of sockets %s is not %s's alone; remove it", path,
			       owner->name);
	return 0;
}

static int choose_run(struct arena *a, struct data_folder *f, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	uint64_t hash = path_hash(f->path);
	struct stat st;

	if (geteuid() == 0) {
		if (fs_make_open_folder("/run/hearth", e) < 0)
			return -(int)e->code;
		f->run = arena_strf(a, "/run/hearth/%016llx", (unsigned long long)hash);
	} else if (runtime && runtime[0] == '/' && strlen(runtime) < 60 &&
		   stat(runtime, &st) == 0 && st.st_uid == geteuid()) {
		f->run = arena_strf(a, "%s/hearth-%016llx", runtime, (unsigned long long)hash);
	} else {
		f->run = arena_strf(a, "/tmp/hearth-%u-%016llx", (unsigned)geteuid(),
				    (unsigned long long)hash);
	}
	return make_run(f->run, &f->owner, e);
}

static int link_run(struct arena *a, const struct data_folder *f, struct err *e)
{
	const char *name = arena_strf(a, "%s/run", f->path);
	const char *beside = arena_strf(a, "%s/run.new", f->path);

	(void)!unlink(beside);
	if (symlink(f->run, beside) < 0 ||
	    (geteuid() == 0 && lchown(beside, f->owner.uid, f->owner.gid) < 0) ||
	    rename(beside, name) < 0)
		return err_errno(e, errno, "link %s to %s", name, f->run);
	return 0;
}

int data_run_open(struct arena *a, struct data_folder *folder, bool may_create, struct err *e)
{
	char target[PATH_MAX];
	ssize_t n = readlink(arena_strf(a, "%s/run", folder->path), target, sizeof(target) - 1);
	struct stat st;

	if (n > 0) {
		target[n] = '\0';
		folder->run = arena_strdup(a, target);
		/* Only the owner writes the link, and the folder must be the owner's alone too. */
		if (lstat(target, &st) == 0 && S_ISDIR(st.st_mode) &&
		    st.st_uid == folder->owner.uid && (st.st_mode & 077) == 0)
			return 0;
	}
	if (!may_create)
		return err_set(e, ERR_PRECONDITION,
			       "Hearth is not running on %s. Start it with `hearth up --data %s`.",
			       folder->path, folder->path);
	if (choose_run(a, folder, e) < 0)
		return -(int)e->code;
	return link_run(a, folder, e);
}

/* One instance */

static int64_t read_pid(struct arena *a, const char *path)
{
	struct str text;
	int64_t pid;
	struct err e;

	if (fs_read(a, path, 64, &text, &e) < 0 || !str_to_i64(str_trim(text), &pid))
		return 0;
	return pid;
}

int data_lock(struct arena *a, const struct data_folder *folder, int *fd, bool *was_unclean,
	      struct err *e)
{
	const char *path = arena_strf(a, "%s/lock", folder->path);
	AUTO_FD lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	char pid[24];
	int n;

	if (lock < 0)
		return err_errno(e, errno, "open %s", path);
	if (geteuid() == 0 && fchown(lock, folder->owner.uid, folder->owner.gid) < 0)
		return err_errno(e, errno, "give %s to %s", path, folder->owner.name);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, ERR_CONFLICT,
			       "Another hearth (process %lld) runs on %s. Stop it first, or choose "
			       "another folder with --data.",
			       (long long)read_pid(a, path), folder->path);
	*was_unclean = read_pid(a, path) != 0;
	n = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (ftruncate(lock, 0) < 0 || pwrite(lock, pid, (size_t)n, 0) != n)
		return err_errno(e, errno, "write %s", path);
	*fd = lock;
	lock = -1;
	return 0;
}

bool data_is_running(struct arena *a, const struct data_folder *folder, int64_t *pid)
{
	const char *path = arena_strf(a, "%s/lock", folder->path);
	AUTO_FD lock = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*pid = 0;
	if (lock < 0 || flock(lock, LOCK_SH | LOCK_NB) == 0)
		return false;
	*pid = read_pid(a, path);
	return true;
}
