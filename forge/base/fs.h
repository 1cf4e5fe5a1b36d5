/*
 * Files as the rest of the program needs them: whole reads with a limit,
 * atomic durable writes, folders. Errors are ERR_INTERNAL with path and errno,
 * but "no such file" is ERR_NOT_FOUND.
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

/* The whole file; ERR_TOO_LARGE above limit. */
MUST_USE int fs_read(struct arena *a, const char *path, size_t limit, struct str *bytes,
		     struct err *e);

/* Writes beside, fsyncs, renames over path, fsyncs the folder. */
MUST_USE int fs_write_atomic(const char *path, struct str bytes, mode_t mode, struct err *e);

/* mkdir -p; folders that are made get mode. */
MUST_USE int fs_make_folder(const char *path, mode_t mode, struct err *e);
/* The same, for others to pass through (0755) whatever our umask is. */
MUST_USE int fs_make_open_folder(const char *path, struct err *e);

/* rm -rf, never following symbolic links or leaving the file system; missing is fine. */
MUST_USE int fs_remove_tree(const char *path, struct err *e);

MUST_USE int fs_sync_folder(const char *path, struct err *e);

bool fs_exists(const char *path);

/* All n bytes, going on after EINTR and short counts. */
MUST_USE int fs_write_all(int fd, struct str bytes, struct err *e);

/* Closes *fd if it is >= 0 and sets it to -1; for cleanup and arena links. */
void fs_close(int *fd);
#define AUTO_FD __attribute__((cleanup(fs_close))) int

#endif
