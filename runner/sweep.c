#include "runner/sweep.h"

#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#define PASSES_MAX 1000
#define PASS_PAUSE_US 10000
#define STATUS_MAX 4096
#define MAP_MAX 4096

/* Where a process lives: how deep in PID namespaces, and the map of its user namespace. */
struct home {
	size_t depth;
	char map[MAP_MAX];
};

struct sweep {
	uid_t uid;
	struct home home; /* ours */
};

struct found {
	size_t ours;
	size_t foreign; /* of containers */
};

/* Empty if it cannot be read: the process is gone. */
static struct str read_of(const char *pid, const char *name, char *text, size_t room)
{
	char path[300];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, room - 1);
	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return str_c(text);
}

/* "NSpid:\t17\t3": one number for each namespace in which the process has one. */
static size_t depth_of(struct str status)
{
	struct str line = str_from(status, str_find_str(status, STR("\nNSpid:")) + 1);
	size_t depth = 0;

	line = str_upto(line, str_find(line, '\n'));
	for (size_t i = 0; i < line.n; i++)
		depth += line.p[i] == '\t';
	return depth;
}

static bool is_alive_of(struct str status, uid_t uid)
{
	struct str line = str_from(status, str_find_str(status, STR("\nUid:\t")));
	unsigned owner;

	return line.n > 0 && sscanf(line.p, "\nUid: %u", &owner) == 1 && owner == uid &&
	       str_find_str(status, STR("\nState:\tZ")) == status.n;
}

static bool is_foreign(const struct sweep *s, const char *pid, struct str status)
{
	char map[MAP_MAX];

	return depth_of(status) > s->home.depth &&
	       str_eq(read_of(pid, "uid_map", map, sizeof(map)), str_c(s->home.map));
}

/* Looks at one process, and signals it if it is ours; by a descriptor, because numbers are reused.
 */
static void meet(const struct sweep *s, const char *pid, int signal_number, struct found *found)
{
	int fd = signal_number ? pidfd_open((pid_t)strtol(pid, NULL, 10), 0) : -1;
	char text[STATUS_MAX];
	struct str status = read_of(pid, "status", text, sizeof(text));

	if (is_alive_of(status, s->uid) && is_foreign(s, pid, status)) {
		found->foreign++;
	} else if (is_alive_of(status, s->uid)) {
		found->ours++;
		if (fd >= 0)
			(void)pidfd_send_signal(fd, signal_number, NULL, 0);
	}
	if (fd >= 0)
		close(fd);
}

static struct found look(const struct sweep *s, int signal_number)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	struct found found = { 0 };

	while (proc && (entry = readdir(proc)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			meet(s, entry->d_name, signal_number, &found);
	if (proc)
		closedir(proc);
	return found;
}

static int kill_all(uid_t uid, struct err *e)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return err_errno(e, errno, "fork");
	if (pid == 0) {
		if (setgroups(0, NULL) < 0 || setresuid(uid, uid, uid) < 0)
			_exit(1);
		/* Its result says nothing: it is 0 even when there was nobody to signal. */
		(void)kill(-1, SIGKILL);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, ERR_INTERNAL, "cannot become user %u to end its processes",
			       (unsigned)uid);
	return 0;
}

static void kill_each(const struct sweep *s)
{
	size_t before = 0;

	for (int i = 0; i < PASSES_MAX; i++) {
		size_t ours = look(s, SIGSTOP).ours;

		if (ours == before)
			break;
		before = ours;
	}
	(void)look(s, SIGKILL);
}

int sweep_user(uid_t uid, struct err *e)
{
	struct sweep s = { .uid = uid };
	char text[STATUS_MAX];

	ASSERT(uid != 0 && uid != getuid());
	s.home.depth = depth_of(read_of("self", "status", text, sizeof(text)));
	(void)read_of("self", "uid_map", s.home.map, sizeof(s.home.map));
	for (int i = 0; i < PASSES_MAX; i++) {
		struct found found = look(&s, 0);

		if (found.ours == 0)
			return 0;
		if (found.foreign > 0)
			kill_each(&s);
		else if (kill_all(uid, e) < 0)
			return -(int)e->code;
		usleep(PASS_PAUSE_US);
	}
	return err_set(e, ERR_INTERNAL, "processes of user %u cannot be ended", (unsigned)uid);
}
