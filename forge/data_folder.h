/*
 * The data directory of an instance, the folder of its sockets, and the lock
 * that keeps a second instance out.
 *
 *	repositories/ traces/ blobs/ tmp/ log/     hearth.conf
 *	keys/       host keys, key-encryption key
 *	postgres/   redis/   the private servers
 *	lock        held (flock) by the supervisor; its pid is inside
 *	run         a link to the folder of sockets
 *
 * Everything is 0700 and belongs to one user, the owner: `hearth` if root makes
 * it, else whoever does. Sockets are in /run/hearth/<16 hex digits of the path>,
 * or under XDG_RUNTIME_DIR or /tmp, because a socket's name ends at 107 bytes and the
 * path of the data directory may be long.
 */
#ifndef DATA_FOLDER_H
#define DATA_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "privilege.h"

struct data_folder {
	const char *path; /* absolute, no links */
	const char *run;  /* NULL before data_run_open */
	struct owner owner;
};

/* given, or HEARTH_DATA, or /var/lib/hearth (root), $XDG_DATA_HOME/hearth, ~/.local/share/hearth.
 */
MUST_USE int data_folder_choose(struct arena *a, const char *given, const char **path,
				struct err *e);

/*
 * Finds the folder and its owner, and proves that the owner can reach it. With
 * may_create makes it and what belongs in it. Refusals name the folder, the
 * rule and a way out: not there, belongs to somebody else, a parent that the
 * owner cannot enter, no room.
 */
MUST_USE int data_folder_open(struct arena *a, const char *path, bool may_create,
			      struct data_folder *folder, struct err *e);

/* Finds (may_create: makes) the folder of sockets and the link to it. */
MUST_USE int data_run_open(struct arena *a, struct data_folder *folder, bool may_create,
			   struct err *e);

/*
 * Takes the instance's lock for as long as *fd is open, and writes our pid into
 * it; whoever stops in order empties the file, so *was_unclean says whether the
 * last holder did not. ERR_CONFLICT says which process holds it.
 */
MUST_USE int data_lock(struct arena *a, const struct data_folder *folder, int *fd,
		       bool *was_unclean, struct err *e);

/* Says whether an instance runs on the folder, and its pid (0 if unknown). */
bool data_is_running(struct arena *a, const struct data_folder *folder, int64_t *pid);

/* Free bytes for the owner on the folder's file system; -1 if unknown. */
int64_t data_free_bytes(const char *path);

#define DATA_FREE_LEAST (INT64_C(128) << 20)

#endif
