#include "base/spawn.h"

#include "base/buf.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define OUTPUT_MAX (64 * 1024)
#define FIRST_KEPT 3

/* Everything after the fork ends in exec or in this: errno to the parent, then exit. */
NORETURN static void give_up(int report)
{
	int code = errno;
	ssize_t n = write(report, &code, sizeof(code));

	_exit(n == sizeof(code) ? 127 : 126);
}

static void reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++) {
		if (s != SIGKILL && s != SIGSTOP)
			signal(s, SIG_DFL);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Moves every descriptor to a high number first, so that none is overwritten before its turn. */
static void place_descriptors(const struct spawn *s, int *report)
{
	int given[3] = { s->in, s->out, s->err };
	size_t count = 3 + s->keep_count;
	int base = FIRST_KEPT + (int)s->keep_count + 16;
	int high[64];

	if (count > ARRAY_LEN(high)) {
		errno = E2BIG;
		give_up(*report);
	}
	for (size_t i = 0; i < count; i++) {
		int fd = i < 3 ? given[i] : s->keep[i - 3];

		if (fd < 0)
			fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		high[i] = fcntl(fd, F_DUPFD, base);
		if (high[i] < 0)
			give_up(*report);
	}
	*report = fcntl(*report, F_DUPFD_CLOEXEC, base);
	for (size_t i = 0; i < count; i++) {
		if (dup2(high[i], (int)i) < 0)
			give_up(*report);
	}
	/* The report pipe is the one left open above; exec closes it. */
	if (close_range((unsigned)count, (unsigned)*report - 1, 0) < 0 ||
	    close_range((unsigned)*report + 1, ~0U, 0) < 0)
		give_up(*report);
}

static void change_user(const struct spawn *s, int report)
{
	if (s->changes_user &&
	    (setgroups(1, &s->gid) < 0 || setresgid(s->gid, s->gid, s->gid) < 0 ||
	     setresuid(s->uid, s->uid, s->uid) < 0))
		give_up(report);
}

/* Completes "LISTEN_PID=" with our own pid; the array was made for this child. */
static char *const *complete_environment(const struct spawn *s)
{
	static const char name[] = "LISTEN_PID=";
	char *const *all =
		(char *const *)(uintptr_t)(s->environment ? s->environment
							  : (const char *const *)environ);

	for (size_t i = 0; s->environment && s->environment[i]; i++) {
		if (strcmp(s->environment[i], name) == 0) {
			char *entry = NULL;

			if (asprintf(&entry, "%s%d", name, (int)getpid()) > 0)
				((const char **)(uintptr_t)s->environment)[i] = entry;
		}
	}
	return all;
}

NORETURN static void become(const struct spawn *s, int report, pid_t parent)
{
	reset_signals();
	if (s->is_own_group)
		setpgid(0, 0);
	place_descriptors(s, &report);
	change_user(s, report);
	/* After the change of user, which clears it. */
	if (s->death_signal && prctl(PR_SET_PDEATHSIG, s->death_signal) < 0)
		give_up(report);
	if (s->death_signal && getppid() != parent)
		_exit(125);
	if (chdir(s->folder ? s->folder : "/") < 0)
		give_up(report);
	if (s->body) {
		close(report);
		_exit(s->body(s->closure));
	}
	execve(s->program ? s->program : s->argv[0], (char *const *)(uintptr_t)s->argv,
	       complete_environment(s));
	give_up(report);
}

static const char *name_of(const struct spawn *s)
{
	return s->body ? "a process" : s->argv[0];
}

int spawn_start(const struct spawn *s, pid_t *pid, struct err *e)
{
	pid_t parent = getpid();
	AUTO_FD reading = -1;
	AUTO_FD writing = -1;
	int pipes[2];
	int code = 0;
	ssize_t n;
	pid_t child;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	reading = pipes[0];
	writing = pipes[1];
	child = fork();
	if (child < 0)
		return err_errno(e, errno, "fork for %s", name_of(s));
	if (child == 0)
		become(s, writing, parent);
	fs_close(&writing);
	do {
		n = read(reading, &code, sizeof(code));
	} while (n < 0 && errno == EINTR);
	if (n == sizeof(code)) {
		waitpid(child, NULL, 0);
		if (code == ENOENT)
			return err_set(e, ERR_NOT_FOUND, "there is no program %s", name_of(s));
		return err_errno(e, code, "start %s", name_of(s));
	}
	*pid = child;
	return 0;
}

int spawn_wait(pid_t pid, const char *what, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return err_errno(e, errno, "wait for %s", what);
	}
	if (WIFSIGNALED(status))
		return err_set(e, ERR_INTERNAL, "%s was killed by signal %d", what,
			       WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(e, ERR_INTERNAL, "%s ended with status %d", what,
			       WEXITSTATUS(status));
	return 0;
}

static struct str last_line(struct str text)
{
	text = str_trim(text);
	return str_from(text,
			str_find_last(text, '\n') < text.n ? str_find_last(text, '\n') + 1 : 0);
}

/* Feeds `input` and drains the output until its end. */
static void exchange(int in, int out, struct str input, struct buf *output)
{
	while (out >= 0) {
		struct pollfd p[2] = { { out, POLLIN, 0 }, { in, POLLOUT, 0 } };
		char bytes[4096];
		ssize_t n;

		if (poll(p, in >= 0 ? 2 : 1, -1) < 0 && errno != EINTR)
			break;
		if (in >= 0 && p[1].revents) {
			n = input.n > 0 ? write(in, input.p, input.n) : 0;
			input = str_from(input, n > 0 ? (size_t)n : input.n);
			if (input.n == 0)
				fs_close(&in);
		}
		if (!p[0].revents)
			continue;
		n = read(out, bytes, sizeof(bytes));
		if (n > 0)
			buf_add_bytes(output, bytes, (size_t)n);
		else if (n == 0 || errno != EINTR)
			fs_close(&out);
	}
	fs_close(&in);
	fs_close(&out);
}

int spawn_run(const struct spawn *s, const char *what, struct str input, struct arena *a,
	      struct str *output, struct err *e)
{
	struct spawn with_pipes = *s;
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	struct buf text;
	int in[2];
	int out[2];
	pid_t pid;
	int result;

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	if (pipe2(out, O_CLOEXEC) < 0) {
		result = err_errno(e, errno, "pipe");
		close(in[0]);
		close(in[1]);
		return result;
	}
	with_pipes.in = in[0];
	with_pipes.out = out[1];
	with_pipes.err = out[1];
	result = spawn_start(&with_pipes, &pid, e);
	close(in[0]);
	close(out[1]);
	if (result < 0) {
		close(in[1]);
		close(out[0]);
		return err_add(e, "%s", what);
	}
	buf_init(&text, OUTPUT_MAX);
	sigaction(SIGPIPE, &ignore, &before);
	exchange(in[1], out[0], input, &text);
	sigaction(SIGPIPE, &before, NULL);
	result = spawn_wait(pid, what, e);
	*output = arena_str(a, buf_str(&text));
	buf_fini(&text);
	if (result < 0 && output->n > 0) {
		size_t used = strlen(e->text);

		snprintf(e->text + used, sizeof(e->text) - used, ": %.*s",
			 STR_FMT(last_line(*output)));
	}
	return result;
}
