/* As root alone: only then slots have users of their own. */
#include "runner/sweep.h"
#include "support/check.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* A user whom nobody else has, in this run or another one. */
static uid_t user_of_test(void)
{
	return 1000000 + (uid_t)getpid();
}

static void become(uid_t user)
{
	if (setgroups(0, NULL) < 0 || setresuid(user, user, user) < 0)
		_exit(1);
}

NORETURN static void wait_for_end(int ready)
{
	/* Only now: a change of user clears it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(ready, "x", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* What a container does: root makes a PID namespace, a process in it becomes a user of it. */
static void enter_container(uid_t user UNUSED)
{
	if (unshare(CLONE_NEWPID) < 0)
		_exit(1);
}

/* What a job may do: it is nobody in particular and makes its own namespaces. */
static void enter_own_namespaces(uid_t user)
{
	become(user);
	/* Whoever changed its user may not read its own map otherwise. */
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
		_exit(1);
}

/*
 * A process of that user, reaped by the one that made it: `enter` says where it lives, NULL:
 * beside us. -1 if this host does not let us.
 */
static pid_t start(void (*enter)(uid_t user))
{
	const uid_t user = user_of_test();
	pid_t pid;
	int ready[2];
	char byte;
	ssize_t n;

	if (geteuid() != 0)
		return -1;
	check_int(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (enter) {
			pid_t inner;

			enter(user);
			inner = fork();
			if (inner != 0)
				_exit(inner > 0 && waitpid(inner, NULL, 0) == inner ? 0 : 1);
		}
		if (enter != enter_own_namespaces)
			become(user);
		wait_for_end(ready[1]);
	}
	close(ready[1]);
	n = read(ready[0], &byte, 1);
	close(ready[0]);
	if (n == 1)
		return pid;
	waitpid(pid, NULL, 0);
	return -1;
}

/* The process, or the one that waits for it, has ended within some seconds. */
static bool has_ended(pid_t pid, int seconds)
{
	struct pollfd end = { pidfd_open(pid, 0), POLLIN, 0 };
	bool ended = poll(&end, 1, seconds * 1000) == 1;

	close(end.fd);
	return ended;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void all_processes_of_a_user_are_ended(void **state UNUSED)
{
	pid_t one = start(NULL);
	pid_t other = start(NULL);
	pid_t nested = start(enter_own_namespaces);
	struct err e = { 0 };

	if (one < 0)
		skip();
	check_ok(sweep_user(user_of_test(), &e), &e);
	check_true(has_ended(one, 10) && has_ended(other, 10));
	check_true(nested < 0 || has_ended(nested, 10));
	end(one);
	end(other);
	if (nested > 0)
		end(nested);
}

static void a_container_s_user_with_the_same_number_is_spared(void **state UNUSED)
{
	pid_t ours = start(NULL);
	pid_t nested = start(enter_own_namespaces);
	pid_t container = start(enter_container);
	struct err e = { 0 };

	if (ours < 0 || container < 0)
		skip();
	check_ok(sweep_user(user_of_test(), &e), &e);
	check_true(has_ended(ours, 10));
	check_true(nested < 0 || has_ended(nested, 10));
	check_false(has_ended(container, 0));
	end(ours);
	end(container);
	if (nested > 0)
		end(nested);
}

RUN_TESTS(TEST(all_processes_of_a_user_are_ended),
	  TEST(a_container_s_user_with_the_same_number_is_spared))
