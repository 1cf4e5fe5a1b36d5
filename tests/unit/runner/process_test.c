#include "runner/execution_private.h"
#include "support/check.h"

#include <poll.h>
#include <sys/wait.h>

static pid_t writer;
static bool is_patient;

/*
 * In the place of runner/report.c: an answer of the forge is heard, so that nothing is
 * said of the output; meanwhile the child writes its last words and ends. A patient one waits.
 */
void report_turn(struct report *r UNUSED, struct pollfd *fds, size_t count, int timeout)
{
	siginfo_t info;

	if (is_patient) {
		(void)poll(fds, count, timeout);
		return;
	}
	for (size_t i = 0; i < count; i++)
		fds[i].revents = 0;
	check_int(waitid(P_PID, (id_t)writer, &info, WEXITED | WNOWAIT), 0);
}

/* Of any job. */
static int64_t lease_left = INT64_MAX;

int64_t report_lease_left(const struct report *r UNUSED)
{
	return lease_left;
}

static struct str run_process(struct arena *a, const char *script, bool needs_lease,
			      struct process *p)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	static const struct execution_options options = { .copy_to = -1 };
	struct spawn spawn = { .argv = argv, .in = -1, .out = -1, .err = -1, .folder = "/" };
	struct execution x = { .arena = a, .options = &options, .deadline = INT64_MAX };
	struct err e = { 0 };
	struct str output;

	x.signals = process_open_signals(&e);
	check_true(x.signals >= 0);
	trace_init(&x.trace, a, 1, 1 << 20);
	check_ok(process_start(&x, &spawn, 60, p, &e), &e);
	p->needs_lease = needs_lease;
	writer = p->pid;
	process_attend(&x, p);
	trace_flush(&x.trace);
	output = arena_str(a, buf_str(&x.trace.bytes));
	trace_fini(&x.trace);
	close(x.signals);
	return output;
}

static struct str output_of(struct arena *a, const char *script, struct process *p)
{
	return run_process(a, script, false, p);
}

static void the_last_words_of_a_process_are_read_after_its_end(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct process p;

	check_str(output_of(a, "echo fatal: no such ref; exit 3", &p), "fatal: no such ref\n");
	check_int(process_exit_status(&p), 3);
	check_int(p.output, -1);
	arena_close(a);
}

static void all_that_a_pipe_holds_is_read(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct process p;

	check_int((int64_t)output_of(a, "head -c 60000 /dev/zero | tr '\\0' x", &p).n, 60000);
	arena_close(a);
}

/* While the lease has so many milliseconds left. */
static int status_of(const char *script, bool needs_lease, int64_t left, struct process *p)
{
	struct arena *a = arena_open(0);

	lease_left = left;
	is_patient = true;
	(void)run_process(a, script, needs_lease, p);
	is_patient = false;
	arena_close(a);
	return process_exit_status(p);
}

static void what_needs_a_lease_ends_with_it(void **state UNUSED)
{
	struct process p;

	check_int(status_of("sleep 0.2", true, 1000, &p), 0);
	check_int(status_of("sleep 0.2", false, 0, &p), 0);
	check_false(p.lost_lease);
	check_int(status_of("sleep 600", true, 0, &p), 128 + SIGTERM);
	check_true(p.lost_lease);
}

static void it_is_killed_before_the_forge_gives_its_place_away(void **state UNUSED)
{
	struct process p;

	check_int(status_of("trap '' TERM; ulimit -c 0; exec sleep 600", true, -10000, &p),
		  128 + SIGQUIT);
}

RUN_TESTS(TEST(the_last_words_of_a_process_are_read_after_its_end),
	  TEST(all_that_a_pipe_holds_is_read), TEST(what_needs_a_lease_ends_with_it),
	  TEST(it_is_killed_before_the_forge_gives_its_place_away))
