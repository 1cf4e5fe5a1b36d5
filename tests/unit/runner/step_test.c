/* A step in a process of its own, as the job's process starts it. */
#include "runner/step.h"
#include "support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#define GRACE 600

/* Waits until the script has said something. */
static pid_t start_step(const char *script)
{
	char *argv[] = { (char *)(uintptr_t) "/bin/bash", (char *)(uintptr_t) "-c",
			 (char *)(uintptr_t)script, NULL };
	const struct step step = { .argv = argv, .grace = GRACE };
	struct err e = { 0 };
	char byte;
	int ends[2];
	pid_t pid;

	check_int(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		_exit(step_run(&step, &e));
	}
	close(ends[1]);
	check_int(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static void it_is_killed_at_once_when_there_is_no_time_for_its_grace(void **state UNUSED)
{
	pid_t pid = start_step("trap '' TERM; echo begun; sleep 600 & wait");
	siginfo_t info = { 0 };
	int status;

	kill(pid, SIGTERM);
	usleep(200000);
	check_int(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG), 0);
	check_int(info.si_pid, 0);
	kill(pid, SIGQUIT);
	check_int(waitpid(pid, &status, 0), pid);
	check_true(WIFEXITED(status));
	check_int(WEXITSTATUS(status), 128 + SIGKILL);
}

static void without_signals_it_gives_the_status_of_its_shell(void **state UNUSED)
{
	pid_t pid = start_step("echo begun; exit 3");
	int status;

	check_int(waitpid(pid, &status, 0), pid);
	check_int(WEXITSTATUS(status), 3);
}

RUN_TESTS(TEST(it_is_killed_at_once_when_there_is_no_time_for_its_grace),
	  TEST(without_signals_it_gives_the_status_of_its_shell))
