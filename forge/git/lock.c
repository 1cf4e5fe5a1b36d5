#include "git/lock.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>

#define FIRST_PAUSE_US 500
#define LONGEST_PAUSE_US 50000

int git_lock_take(const char *repo_path, const char *name, bool is_exclusive, int wait_ms, int *fd,
		  struct err *e)
{
	int64_t deadline = clock_monotonic_ms() + wait_ms;
	unsigned int pause_us = FIRST_PAUSE_US;
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/%s", repo_path, name);
	AUTO_FD made = -1;

	if (n < 0 || n >= PATH_MAX)
		return err_set(e, ERR_INTERNAL, "%s is too long a path", repo_path);
	made = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (made < 0)
		return err_errno(e, errno, "open %s", path);
	while (flock(made, (is_exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(e, errno, "flock %s", path);
		if (clock_monotonic_ms() >= deadline)
			return err_set(e, ERR_BUSY,
				       "Somebody else is changing this repository right now; "
				       "nothing was changed. Try again in a moment.");
		usleep(pause_us);
		if (pause_us < LONGEST_PAUSE_US)
			pause_us *= 2;
	}
	*fd = made;
	made = -1;
	return 0;
}
