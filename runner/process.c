/* A child of the job process: its output, its end, and what must go on meanwhile. */
#include "runner/execution_private.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#define READ_MAX 65536
/* Between the end of a lease and the moment from which it may be another's, the forge waits 15 s.
 */
#define LEASE_GRACE_MS 10000

int process_open_signals(struct err *e)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_errno(e, errno, "signalfd") : fd;
}

void process_show(struct execution *x, size_t from)
{
	struct err e = { 0 };

	/* Nobody reads it any more: the job goes on all the same. */
	if (x->options->copy_to >= 0 &&
	    fs_write_all(x->options->copy_to, str_from(buf_str(&x->trace.bytes), from), &e) < 0)
		return;
}

/* Whether there was any. */
static bool read_output(struct execution *x, struct process *p)
{
	char bytes[READ_MAX];
	size_t from = x->trace.bytes.n;
	ssize_t n = read(p->output, bytes, sizeof(bytes));

	if (n > 0) {
		trace_write(&x->trace, str_n(bytes, (size_t)n));
		process_show(x, from);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		fs_close(&p->output);
	}
	return n > 0;
}

void process_hear_signals(struct execution *x)
{
	struct signalfd_siginfo info;

	while (read(x->signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD)
			x->was_told_to_stop = true;
}

static void read_signals(struct execution *x, struct process *p)
{
	process_hear_signals(x);
	if (!p->has_ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
		p->has_ended = true;
}

/* However long its own grace is, that of the forge is over soon. */
static void kill_if_due(struct execution *x, struct process *p)
{
	if (!p->needs_lease || p->is_killed || report_lease_left(&x->report) > -LEASE_GRACE_MS)
		return;
	p->is_killed = true;
	kill(p->pid, SIGQUIT);
}

/* Asks the step to end, once, when it is cancelled, late, or may be somebody else's by now. */
static void stop_if_due(struct execution *x, struct process *p)
{
	bool is_late = clock_monotonic_ms() >= p->deadline;
	bool is_free = p->needs_lease && report_lease_left(&x->report) <= 0;

	if (p->is_stopping ||
	    !(is_late || is_free || x->was_told_to_stop || x->report.order != REPORT_GO_ON))
		return;
	p->timed_out = is_late;
	p->lost_lease = is_free;
	p->is_stopping = true;
	kill(p->pid, SIGTERM);
}

/*
 * What it wrote before its end may have come after we last looked. Whoever else held
 * the pipe was killed with the step, so nothing more comes.
 */
static void read_rest(struct execution *x, struct process *p)
{
	while (p->output >= 0 && read_output(x, p))
		;
	fs_close(&p->output);
}

/* Until the process has ended and its output is read. */
void process_attend(struct execution *x, struct process *p)
{
	while (!p->has_ended) {
		struct pollfd fds[2] = { { x->signals, POLLIN, 0 }, { p->output, POLLIN, 0 } };
		int64_t left = p->deadline - clock_monotonic_ms();
		int timeout = left < 0 ? 1000 : left < 1000 ? (int)left : 1000;

		report_turn(&x->report, fds, p->output >= 0 ? 2 : 1, timeout);
		if (p->output >= 0 && fds[1].revents)
			(void)read_output(x, p);
		read_signals(x, p);
		stop_if_due(x, p);
		kill_if_due(x, p);
		if (p->has_ended)
			read_rest(x, p);
	}
}

int process_start(struct execution *x, struct spawn *spawn, int64_t seconds, struct process *p,
		  struct err *e)
{
	int ends[2];
	int result;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
		err_errno(e, errno, "pipe");
		close(ends[0]);
		close(ends[1]);
		return -(int)e->code;
	}
	*p = (struct process){ .output = ends[0],
			       .deadline = clock_monotonic_ms() + seconds * 1000 };
	if (p->deadline > x->deadline)
		p->deadline = x->deadline;
	if (spawn->out < 0)
		spawn->out = ends[1];
	spawn->err = ends[1];
	spawn->death_signal = SIGTERM;
	spawn->is_own_group = true;
	result = spawn_start(spawn, &p->pid, e);
	close(ends[1]);
	if (result < 0)
		close(ends[0]);
	return result;
}

int process_exit_status(const struct process *p)
{
	return WIFEXITED(p->status) ? WEXITSTATUS(p->status) : 128 + WTERMSIG(p->status);
}
