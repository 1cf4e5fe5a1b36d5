#include "support/check.h"

#include "base/spawn.h"

#include <fcntl.h>

static struct str run_shell(struct arena *a, const char *script, struct str input, int *result,
			    struct err *e)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct spawn s = { .argv = argv };
	struct str said = STR_NONE;

	*result = spawn_run(&s, "the script", input, a, &said, e);
	return said;
}

static void input_goes_in_and_output_comes_back(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e;
	int result;
	struct str said = run_shell(a, "cat; echo end >&2", STR("hello "), &result, &e);

	check_ok(result, &e);
	check_str(said, "hello end\n");
	arena_close(a);
}

static void a_failure_names_the_status_and_the_last_line(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct err e;
	int result;

	run_shell(a, "echo one; echo two; exit 3", STR(""), &result, &e);
	check_err(result, &e, ERR_INTERNAL, "the script ended with status 3: two");
	run_shell(a, "kill -9 $$", STR(""), &result, &e);
	check_err(result, &e, ERR_INTERNAL, "the script was killed by signal 9");
	arena_close(a);
}

static void a_missing_program_is_told(void **state UNUSED)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	const struct spawn s = { .argv = argv };
	pid_t pid;
	struct err e;

	check_err(spawn_start(&s, &pid, &e), &e, ERR_NOT_FOUND, "/nonexistent/program");
}

static void kept_descriptors_become_three_and_up_and_no_other_is_open(void **state UNUSED)
{
	const char *const argv[] = { "/bin/sh", "-c",
				     "cat <&3; ls /proc/self/fd | sort -n | tr '\\n' ' '; "
				     "[ \"$LISTEN_PID\" = $$ ] && echo pid",
				     NULL };
	const char *environment[] = { "PATH=/usr/bin:/bin", "LISTEN_PID=", NULL };
	int stray = open("/dev/null", O_RDONLY);
	int pipes[2];
	struct arena *a = arena_open(0);
	struct spawn s = { .argv = argv, .environment = environment, .keep_count = 1 };
	struct str said;
	struct err e;

	check_int(pipe(pipes), 0);
	check_int(write(pipes[1], "kept ", 5), 5);
	close(pipes[1]);
	s.keep = &pipes[0];
	check_ok(spawn_run(&s, "the script", STR(""), a, &said, &e), &e);
	/* 4 is ls reading the folder. */
	check_str(said, "kept 0 1 2 3 4 pid\n");
	close(pipes[0]);
	close(stray);
	arena_close(a);
}

static int speak(void *closure)
{
	dprintf(STDERR_FILENO, "%s", (const char *)closure);
	return fcntl(STDERR_FILENO + 1, F_GETFD) < 0 ? 7 : 8;
}

static void a_function_runs_in_a_process_of_its_own(void **state UNUSED)
{
	char words[] = "from the child";
	const struct spawn s = { .body = speak, .closure = words };
	struct arena *a = arena_open(0);
	struct str said = STR_NONE;
	struct err e = { 0 };

	check_err(spawn_run(&s, "the child", STR(""), a, &said, &e), &e, ERR_INTERNAL,
		  "ended with status 7: from the child");
	arena_close(a);
}

RUN_TESTS(TEST(a_function_runs_in_a_process_of_its_own), TEST(input_goes_in_and_output_comes_back),
	  TEST(a_failure_names_the_status_and_the_last_line), TEST(a_missing_program_is_told),
	  TEST(kept_descriptors_become_three_and_up_and_no_other_is_open))
