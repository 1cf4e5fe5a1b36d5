#include "privilege.h"

#include "base/spawn.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define LOOKUP_MAX 4096

void owner_from_uid(uid_t uid, gid_t gid, struct owner *owner)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char room[LOOKUP_MAX];

	owner->uid = uid;
	owner->gid = gid;
	if (getpwuid_r(uid, &entry, room, sizeof(room), &found) != 0 || !found ||
	    !str_copy(owner->name, sizeof(owner->name), str_c(found->pw_name)))
		snprintf(owner->name, sizeof(owner->name), "%u", (unsigned)uid);
}

int owner_find(const char *name, struct owner *owner, struct err *e)
{
	struct passwd entry;
	struct passwd *found = NULL;
	char room[LOOKUP_MAX];

	if (getpwnam_r(name, &entry, room, sizeof(room), &found) != 0 || !found)
		return err_set(e, ERR_NOT_FOUND, "This system has no user %s.", name);
	owner_from_uid(found->pw_uid, found->pw_gid, owner);
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
	const struct spawn useradd = { .argv = argv };
	struct owner there;
	struct str said;

	if (owner_find(name, &there, e) == 0)
		return 0;
	/* Two instances may start at once: what counts is that the user is there. */
	if (spawn_run(&useradd, "useradd", STR(""), a, &said, e) < 0 &&
	    owner_find(name, &there, &(struct err){ 0 }) < 0)
		return err_add(e, "make the system user %s", name);
	return 0;
}

int privilege_make_users(struct arena *a, struct err *e)
{
	if (make_user(a, PRIVILEGE_USER, e) < 0)
		return -(int)e->code;
	return make_user(a, PRIVILEGE_SSH_USER, e);
}

int privilege_drop(const struct owner *owner, struct err *e)
{
	if (geteuid() != 0 || owner->uid == 0)
		return 0;
	if (setgroups(1, &owner->gid) < 0 || setresgid(owner->gid, owner->gid, owner->gid) < 0 ||
	    setresuid(owner->uid, owner->uid, owner->uid) < 0)
		return err_errno(e, errno, "become user %s", owner->name);
	if (setresuid(0, 0, 0) == 0)
		return err_set(e, ERR_INTERNAL, "became user %s, but could become root again",
			       owner->name);
	return 0;
}

void privilege_limits(void)
{
	struct rlimit limit = { 0, 0 };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	umask(077);
	setrlimit(RLIMIT_CORE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	sigaction(SIGPIPE, &ignore, NULL);
}
