/*
 * Killing: a process can outrun one that reads /proc and kills what it finds. So all descendants
 * are stopped first, again and again until a pass finds no new one, and then killed. A control
 * group, where there is one, is killed before that, by the kernel in one act; and as root all
 * that the slot's user has is swept away after it (sweep.h).
 */
#include "runner/step.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "runner/cgroup.h"
#include "runner/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define SWEEPS_MAX 1000
#define DESCENDANTS_MAX 32768

static void child_limits(void)
{
	struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
}

NORETURN static void become_shell(const struct step *step)
{
	struct err e = { 0 };
	sigset_t all;

	sigemptyset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	signal(SIGPIPE, SIG_DFL);
	setsid();
	child_limits();
	/* While we may: the group's files are not the job's. */
	if (step->group && cgroup_enter(step->group, &e) < 0) {
		dprintf(STDERR_FILENO, "%s\n", e.text);
		_exit(126);
	}
	if (step->changes_user &&
	    (setgroups(0, NULL) < 0 || setgid(step->gid) < 0 || setuid(step->uid) < 0)) {
		dprintf(STDERR_FILENO, "cannot become the user of the slot: %s\n", strerror(errno));
		_exit(126);
	}
	/* After setuid, which clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* The lease of the slot (execution.c) is not the job's to hold. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	execv(step->argv[0], step->argv);
	dprintf(STDERR_FILENO, "cannot start %s: %s\n", step->argv[0], strerror(errno));
	_exit(127);
}

/* ------------------------------------------------------------------ descendants */

struct pids {
	pid_t items[DESCENDANTS_MAX];
	size_t count;
};

static void add_children(struct pids *pids, pid_t parent)
{
	char path[64];
	char text[65536];
	struct str rest;
	struct str word;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent, parent);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	if (fd >= 0)
		close(fd);
	rest = n > 0 ? str_n(text, (size_t)n) : STR_NONE;
	while (str_cut(&rest, ' ', &word)) {
		int64_t pid;

		if (str_to_i64(word, &pid) && pids->count < DESCENDANTS_MAX)
			pids->items[pids->count++] = (pid_t)pid;
	}
}

static void list_descendants(struct pids *pids)
{
	pids->count = 0;
	add_children(pids, getpid());
	for (size_t i = 0; i < pids->count; i++)
		add_children(pids, pids->items[i]);
}

/* Gives how many there are. */
static size_t signal_descendants(struct pids *pids, int signal_number)
{
	list_descendants(pids);
	for (size_t i = 0; i < pids->count; i++)
		kill(pids->items[i], signal_number);
	return pids->count;
}

/* Stops all until two passes find the same number, so that no fork runs on; then kills. */
static void kill_descendants(struct pids *pids)
{
	size_t before = 0;

	for (int i = 0; i < SWEEPS_MAX; i++) {
		size_t count = signal_descendants(pids, SIGSTOP);

		if (count == before)
			break;
		before = count;
	}
	(void)signal_descendants(pids, SIGKILL);
}

/* ------------------------------------------------------------------------ the step */

struct running {
	const struct step *step;
	struct pids *pids;
	pid_t shell;
	int status; /* of the shell, as waitpid gives it; valid when it has ended */
	bool has_ended;
	int64_t kill_at; /* monotonic ms; 0: not terminating */
};

/* Reaps what has ended; says whether any child is left. */
static bool reap(struct running *r)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == r->shell) {
			r->status = status;
			r->has_ended = true;
		}
	}
	return pid == 0;
}

static void kill_all(struct running *r)
{
	struct err e = { 0 };

	if (r->step->group && cgroup_kill(r->step->group, &e) < 0)
		dprintf(STDERR_FILENO, "%s\n", e.text);
	kill_descendants(r->pids);
	if (r->step->changes_user && sweep_user(r->step->uid, &e) < 0)
		dprintf(STDERR_FILENO, "%s\n", e.text);
}

static void begin_to_end(struct running *r)
{
	if (r->kill_at != 0)
		return;
	r->kill_at = clock_monotonic_ms() + r->step->grace * 1000;
	(void)signal_descendants(r->pids, SIGTERM);
}

static void hear_signal(struct running *r, uint32_t number)
{
	if (number == SIGTERM || number == SIGINT)
		begin_to_end(r);
	else if (number == SIGQUIT)
		r->kill_at = clock_monotonic_ms();
}

/* Waits for a signal, at most until it is time to kill. */
static void wait_for_signal(const struct running *r, int signals, struct signalfd_siginfo *info)
{
	struct pollfd p = { signals, POLLIN, 0 };
	int timeout = -1;

	info->ssi_signo = 0;
	if (r->kill_at != 0) {
		int64_t left = r->kill_at - clock_monotonic_ms();

		timeout = left > 0 ? (int)left : 0;
	}
	if (poll(&p, 1, timeout) > 0 && read(signals, info, sizeof(*info)) != sizeof(*info))
		info->ssi_signo = 0;
}

/* Until the shell has ended and nothing it started is left. */
static void attend(struct running *r, int signals)
{
	bool any = true;

	while (any) {
		struct signalfd_siginfo info;

		wait_for_signal(r, signals, &info);
		hear_signal(r, info.ssi_signo);
		any = reap(r);
		if (any && r->has_ended)
			begin_to_end(r);
		if (any && r->kill_at != 0 && clock_monotonic_ms() >= r->kill_at) {
			kill_all(r);
			r->kill_at = clock_monotonic_ms() + 100;
			any = reap(r);
		}
	}
}

static int start(struct running *r, struct err *e)
{
	r->shell = fork();
	if (r->shell < 0)
		return err_errno(e, errno, "fork");
	if (r->shell == 0)
		become_shell(r->step);
	return 0;
}

int step_run(const struct step *step, struct err *e)
{
	struct running r = { .step = step, .pids = MEM_NEW(struct pids) };
	sigset_t mask;
	int signals;
	int result;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGQUIT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		mem_free(r.pids);
		return err_errno(e, errno, "become the reaper of the step");
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	result = start(&r, e);
	if (result == 0) {
		attend(&r, signals);
		result = WIFEXITED(r.status) ? WEXITSTATUS(r.status) : 128 + WTERMSIG(r.status);
	}
	close(signals);
	mem_free(r.pids);
	return result;
}
