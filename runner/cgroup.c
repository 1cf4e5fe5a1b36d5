#include "runner/cgroup.h"

#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#define PREFIX "hearth-job-"
#define TEXT_MAX 65536
/* For what was killed to be gone; a process in an uninterruptible call takes its time. */
#define EMPTY_TRIES 100
#define EMPTY_WAIT_MS 100
#define CPU_PERIOD_US 100000

/* ------------------------------------------------------------------------- files */

static int open_in(const char *group, const char *name, int flags)
{
	char path[4096];

	if (snprintf(path, sizeof(path), "%s/%s", group, name) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

static int put(const char *group, const char *name, const char *text, struct err *e)
{
	AUTO_FD fd = open_in(group, name, O_WRONLY);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		return err_errno(e, errno, "write %s to %s/%s", text, group, name);
	return 0;
}

/* Empty if it cannot be read: such files say nothing then. */
static struct str get(const char *group, const char *name, char *text, size_t room)
{
	AUTO_FD fd = open_in(group, name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room);

	return n > 0 ? str_n(text, (size_t)n) : STR("");
}

/* Of lines "key number"; 0 if there is none. */
static int64_t number_of(struct str text, struct str key)
{
	struct str line;
	int64_t value;

	while (str_cut(&text, '\n', &line))
		if (str_cut_prefix(&line, key) && str_cut_prefix(&line, STR(" ")) &&
		    str_to_i64(line, &value))
			return value;
	return 0;
}

static bool has_word(struct str text, struct str word)
{
	struct str part;

	text = str_trim(text);
	while (str_cut(&text, ' ', &part))
		if (str_eq(part, word))
			return true;
	return false;
}

/* Reading it also tells the kernel from when on a change wakes who polls it. */
static bool is_populated(int events)
{
	char text[1024];
	ssize_t n = pread(events, text, sizeof(text), 0);

	return n > 0 && number_of(str_n(text, (size_t)n), STR("populated")) != 0;
}

/* -------------------------------------------------------------------------- the root */

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* "ID PARENT MAJOR:MINOR ROOT MOUNT_POINT OPTIONS... - cgroup2 ..." */
static bool read_mount(struct str line, struct str *mount_root, struct str *mount_point)
{
	struct str word;

	if (str_find_str(line, STR(" - cgroup2 ")) == line.n)
		return false;
	for (int before = 0; before < 3; before++) {
		if (!str_cut(&line, ' ', &word))
			return false;
	}
	return str_cut(&line, ' ', mount_root) && str_cut(&line, ' ', mount_point);
}

static bool find_mount(struct str mounts, struct str *mount_root, struct str *mount_point)
{
	struct str line;

	while (str_cut(&mounts, '\n', &line))
		if (read_mount(line, mount_root, mount_point))
			return true;
	return false;
}

/* Our own group's folder, or NULL where there is no version 2. */
static const char *own_group(struct arena *a)
{
	struct str mount_point;
	struct str mount_root;
	struct err e = { 0 };
	struct str groups;
	struct str mounts;
	struct str line;

	if (fs_read(a, "/proc/self/mountinfo", 1u << 20, &mounts, &e) < 0 ||
	    fs_read(a, "/proc/self/cgroup", TEXT_MAX, &groups, &e) < 0 ||
	    !find_mount(mounts, &mount_root, &mount_point))
		return NULL;
	while (str_cut(&groups, '\n', &line)) {
		if (!str_cut_prefix(&line, STR("0::")))
			continue;
		if (!str_eq(mount_root, STR("/")) && !str_cut_prefix(&line, mount_root))
			return NULL;
		return arena_strf(a, "%.*s%.*s", STR_FMT(mount_point), STR_FMT(line));
	}
	return NULL;
}

/* systemd marks what it leaves to a service; what is not marked is not ours to divide. */
static bool is_delegated(const char *group)
{
	char value[2] = "";

	return getxattr(group, "user.delegate", value, sizeof(value)) == 1 && value[0] == '1';
}

static int use_named(const char *path, struct err *e)
{
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return err_set(e, ERR_INVALID,
			       "cgroup_root = %s cannot be made (%s): name a folder of the "
			       "control groups (version 2) that this runner may write, or none",
			       path, strerror(errno));
	if (!is_cgroup2(path) || access(path, W_OK) < 0)
		return err_set(e, ERR_INVALID,
			       "cgroup_root = %s is no control group (version 2) that this runner "
			       "may write; name another, or none",
			       path);
	return 0;
}

/* A group with limits below it may hold no process itself: ours go to one beside the jobs. */
static int step_aside(struct arena *a, const char *root, struct err *e)
{
	const char *own = own_group(a);
	char *leaf = arena_strf(a, "%s/runner", root);

	if (own == NULL || strcmp(own, root) != 0)
		return 0;
	if (mkdir(leaf, 0755) < 0 && errno != EEXIST)
		return err_errno(e, errno, "make %s", leaf);
	return cgroup_enter(leaf, e);
}

static int want_controller(const char *root, int64_t limit, struct str name, const char *setting,
			   struct err *e)
{
	char text[1024];
	char word[32];

	if (limit == 0)
		return 0;
	if (root == NULL)
		return err_set(e, ERR_INVALID,
			       "%s is set, but no control group is delegated to this runner to "
			       "keep it: start it by its unit file (Delegate=yes), name a "
			       "cgroup_root, or remove the setting",
			       setting);
	if (!has_word(get(root, "cgroup.controllers", text, sizeof(text)), name))
		return err_set(e, ERR_INVALID,
			       "%s is set, but the control group %s has no controller \"%.*s\": "
			       "delegate it, or remove the setting",
			       setting, root, STR_FMT(name));
	snprintf(word, sizeof(word), "+%.*s", STR_FMT(name));
	return put(root, "cgroup.subtree_control", word, e);
}

static int want_controllers(const char *root, const struct cgroup_limits *limits, struct err *e)
{
	if (want_controller(root, limits->memory, STR("memory"), "memory_limit", e) < 0 ||
	    want_controller(root, limits->processes, STR("pids"), "process_limit", e) < 0)
		return -(int)e->code;
	return want_controller(root, limits->cpus, STR("cpu"), "cpu_limit", e);
}

int cgroup_open_root(struct arena *a, const char *setting, const struct cgroup_limits *limits,
		     const char **root, struct err *e)
{
	const char *found = NULL;

	if (setting[0] == '/') {
		if (use_named(setting, e) < 0)
			return -(int)e->code;
		found = setting;
	} else if (setting[0] == '\0') {
		found = own_group(a);
		if (found && (!is_delegated(found) || access(found, W_OK) < 0))
			found = NULL;
	} else if (strcmp(setting, "none") != 0) {
		return err_set(e, ERR_INVALID,
			       "cgroup_root = %s: it is an absolute path, none, or empty for "
			       "the group that is delegated to the runner",
			       setting);
	}
	if (found && step_aside(a, found, e) < 0)
		return -(int)e->code;
	if (want_controllers(found, limits, e) < 0)
		return -(int)e->code;
	*root = found;
	return 0;
}

/* -------------------------------------------------------------------------- a group */

int cgroup_limit(const char *group, const struct cgroup_limits *limits, struct err *e)
{
	char text[64];

	snprintf(text, sizeof(text), "%lld", (long long)limits->memory);
	if (limits->memory > 0 &&
	    (put(group, "memory.max", text, e) < 0 || put(group, "memory.swap.max", "0", e) < 0))
		return -(int)e->code;
	snprintf(text, sizeof(text), "%lld", (long long)limits->processes);
	if (limits->processes > 0 && put(group, "pids.max", text, e) < 0)
		return -(int)e->code;
	snprintf(text, sizeof(text), "%lld %d", (long long)limits->cpus * CPU_PERIOD_US,
		 CPU_PERIOD_US);
	return limits->cpus > 0 ? put(group, "cpu.max", text, e) : 0;
}

int cgroup_kill(const char *group, struct err *e)
{
	AUTO_FD events = open_in(group, "cgroup.events", O_RDONLY);
	struct pollfd change = { events, POLLPRI, 0 };

	if (events < 0)
		return err_errno(e, errno, "%s", group);
	for (int i = 0; i < EMPTY_TRIES; i++) {
		if (!is_populated(events))
			return 0;
		if (put(group, "cgroup.kill", "1", e) < 0)
			return -(int)e->code;
		(void)poll(&change, 1, EMPTY_WAIT_MS);
	}
	return err_set(e, ERR_INTERNAL, "processes of the control group %s cannot be ended", group);
}

static int remove_group(const char *path, struct err *e)
{
	if (cgroup_kill(path, e) < 0)
		return -(int)e->code;
	/* The kernel counts a process out a moment before its group is free to go. */
	for (int i = 0; i < EMPTY_TRIES; i++) {
		if (rmdir(path) == 0 || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		(void)poll(NULL, 0, EMPTY_WAIT_MS);
	}
	return err_errno(e, errno, "remove the control group %s", path);
}

static int lock(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0) {
		(void)err_errno(e, errno, "lock the control group %s", path);
		fs_close(&fd);
	}
	return fd;
}

int cgroup_make(struct arena *a, const char *root, int slot, const struct cgroup_limits *limits,
		struct cgroup *group, struct err *e)
{
	char *path = arena_strf(a, "%s/" PREFIX "%d", root, slot);

	if (fs_exists(path) && remove_group(path, e) < 0)
		return -(int)e->code;
	if (mkdir(path, 0755) < 0)
		return err_errno(e, errno, "make the control group %s", path);
	group->lock = lock(path, e);
	if (group->lock < 0 || cgroup_limit(path, limits, e) < 0)
		return -(int)e->code;
	group->path = path;
	return 0;
}

int cgroup_enter(const char *group, struct err *e)
{
	return put(group, "cgroup.procs", "0", e);
}

int cgroup_remove(struct cgroup *group, struct err *e)
{
	if (group->path == NULL)
		return 0;
	fs_close(&group->lock);
	return remove_group(group->path, e);
}

int cgroup_remove_leftovers(struct arena *a, const char *root, struct err *e)
{
	DIR *folder = opendir(root);
	const struct dirent *entry;
	int result = 0;

	if (folder == NULL)
		return err_errno(e, errno, "%s", root);
	while (result == 0 && (entry = readdir(folder))) {
		char *path = arena_strf(a, "%s/%s", root, entry->d_name);
		struct err locking = { 0 };
		AUTO_FD fd = -1;

		if (!str_starts(str_c(entry->d_name), STR(PREFIX)))
			continue;
		fd = lock(path, &locking);
		if (fd >= 0)
			result = remove_group(path, e);
	}
	closedir(folder);
	return result;
}

void cgroup_count(const char *group, struct cgroup_events *events)
{
	char text[4096];

	events->out_of_memory =
		number_of(get(group, "memory.events", text, sizeof(text)), STR("oom_kill"));
	events->refused_forks =
		number_of(get(group, "pids.events", text, sizeof(text)), STR("max"));
}
