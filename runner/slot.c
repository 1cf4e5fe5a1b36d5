#include "runner/slot.h"

#include "base/fs.h"
#include "base/spawn.h"
#include "runner/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char *slots_folder(struct arena *a)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		return SLOT_FOLDER;
	if (runtime && runtime[0] == '/')
		return arena_strf(a, "%s/hearth-slots", runtime);
	return arena_strf(a, "/tmp/hearth-slots-%u", (unsigned)geteuid());
}

/* A folder that somebody else could write would let them hold or read our leases. */
static int check_folder(const char *folder, struct err *e)
{
	struct stat st;

	if (lstat(folder, &st) < 0)
		return err_errno(e, errno, "%s", folder);
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022) != 0)
		return err_set(e, ERR_FORBIDDEN,
			       "%s must be a folder that only this user can write; remove it",
			       folder);
	return 0;
}

static int find_user(const char *name, struct slot *slot, bool *found, struct err *e)
{
	char buffer[4096];
	struct passwd entry;
	struct passwd *result;
	int error = getpwnam_r(name, &entry, buffer, sizeof(buffer), &result);

	if (error != 0)
		return err_errno(e, error, "look up user %s", name);
	*found = result != NULL;
	if (*found) {
		slot->uid = entry.pw_uid;
		slot->gid = entry.pw_gid;
		slot->has_user = true;
	}
	return 0;
}

static int make_user(struct arena *a, const char *name, struct err *e)
{
	const char *const argv[] = { "/usr/sbin/useradd",
				     "--system",
				     "--user-group",
				     "--no-create-home",
				     "--home-dir",
				     "/nonexistent",
				     "--shell",
				     "/usr/sbin/nologin",
				     name,
				     NULL };
	struct spawn spawn = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	struct str output;

	return spawn_run(&spawn, "useradd", STR(""), a, &output, e);
}

/* The user of the slot; root makes it the first time. */
static int take_user(struct arena *a, struct slot *slot, struct err *e)
{
	char *name = arena_strf(a, "hearth-job-%d", slot->number);
	bool found = false;

	slot->uid = geteuid();
	slot->gid = getegid();
	if (geteuid() != 0)
		return 0;
	if (find_user(name, slot, &found, e) < 0)
		return -(int)e->code;
	if (!found && (make_user(a, name, e) < 0 || find_user(name, slot, &found, e) < 0))
		return -(int)e->code;
	if (!found || slot->uid == 0)
		return err_set(e, ERR_INTERNAL, "user %s could not be made", name);
	return sweep_user(slot->uid, e);
}

static int open_folder(struct arena *a, const char **folder, struct err *e)
{
	*folder = slots_folder(a);
	if (fs_make_folder(*folder, 0755, e) < 0)
		return -(int)e->code;
	return check_folder(*folder, e);
}

/* The lease as a descriptor; -1 if somebody has it, or if flags make no file and there is none. */
static int lease(struct arena *a, const char *folder, int number, int flags, int *fd, struct err *e)
{
	*fd = open(arena_strf(a, "%s/%d", folder, number), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags,
		   0600);
	if (*fd < 0 && (errno != ENOENT || flags != 0))
		return err_errno(e, errno, "slot %s/%d", folder, number);
	if (*fd >= 0 && flock(*fd, LOCK_EX | LOCK_NB) < 0)
		fs_close(fd);
	return 0;
}

int slot_take(struct arena *a, struct slot *slot, struct err *e)
{
	const char *folder;

	*slot = (struct slot){ .fd = -1 };
	if (open_folder(a, &folder, e) < 0)
		return -(int)e->code;
	for (int i = 0; i < SLOTS_MAX; i++) {
		if (lease(a, folder, i, O_CREAT, &slot->fd, e) < 0)
			return -(int)e->code;
		if (slot->fd < 0)
			continue;
		slot->number = i;
		if (take_user(a, slot, e) == 0)
			return 0;
		slot_give_back(slot);
		return -(int)e->code;
	}
	return err_set(e, ERR_BUSY, "all %d job slots of this host are taken", SLOTS_MAX);
}

int slot_take_unused(struct arena *a, int number, struct slot *slot, struct err *e)
{
	const char *folder;
	char *name = arena_strf(a, "hearth-job-%d", number);
	bool found = false;

	*slot = (struct slot){ .fd = -1, .number = number };
	if (open_folder(a, &folder, e) < 0 || lease(a, folder, number, 0, &slot->fd, e) < 0)
		return -(int)e->code;
	if (slot->fd >= 0 && geteuid() == 0 && find_user(name, slot, &found, e) < 0) {
		slot_give_back(slot);
		return -(int)e->code;
	}
	return 0;
}

void slot_end_user(const struct slot *slot)
{
	struct err e = { 0 };

	if (slot->has_user && sweep_user(slot->uid, &e) < 0)
		dprintf(STDERR_FILENO, "%s\n", e.text);
}

void slot_give_back(struct slot *slot)
{
	if (slot->fd < 0)
		return;
	slot_end_user(slot);
	fs_close(&slot->fd);
}
