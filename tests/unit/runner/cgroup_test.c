#include "base/fs.h"
#include "runner/cgroup.h"
#include "support/check.h"

/* A plain folder stands for a group; the kernel's part is played by 205_runner_cgroup. */
struct place {
	struct arena *arena;
	char folder[64];
};

static int set_up(void **state)
{
	struct place *p = test_malloc(sizeof(*p));

	test_folder(p->folder, sizeof(p->folder), "hearth-cgroup");
	p->arena = arena_open(0);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };

	check_ok(fs_remove_tree(p->folder, &e), &e);
	arena_close(p->arena);
	test_free(p);
	return 0;
}

static void given_file(const struct place *p, const char *name, struct str text)
{
	struct err e = { 0 };

	check_ok(fs_write_atomic(arena_strf(p->arena, "%s/%s", p->folder, name), text, 0644, &e),
		 &e);
}

static struct str file(const struct place *p, const char *name)
{
	struct err e = { 0 };
	struct str text;

	check_ok(fs_read(p->arena, arena_strf(p->arena, "%s/%s", p->folder, name), 1000, &text, &e),
		 &e);
	return text;
}

static void limits_are_written_as_the_kernel_reads_them(void **state)
{
	const struct cgroup_limits limits = { 200LL << 20, 300, 2 };
	struct place *p = *state;
	struct err e = { 0 };

	given_file(p, "memory.max", STR(""));
	given_file(p, "memory.swap.max", STR(""));
	given_file(p, "pids.max", STR(""));
	given_file(p, "cpu.max", STR(""));
	check_ok(cgroup_limit(p->folder, &limits, &e), &e);
	check_str(file(p, "memory.max"), "209715200");
	check_str(file(p, "memory.swap.max"), "0");
	check_str(file(p, "pids.max"), "300");
	check_str(file(p, "cpu.max"), "200000 100000");
}

static void a_limit_that_cannot_be_written_is_an_error(void **state)
{
	const struct cgroup_limits none = { 0, 0, 0 };
	const struct cgroup_limits limits = { 0, 300, 0 };
	struct place *p = *state;
	struct err e = { 0 };

	check_ok(cgroup_limit(p->folder, &none, &e), &e);
	check_err(cgroup_limit(p->folder, &limits, &e), &e, ERR_INTERNAL, "pids.max");
}

static void limits_that_were_met_are_counted(void **state)
{
	struct place *p = *state;
	struct cgroup_events events;

	cgroup_count(p->folder, &events);
	check_int(events.out_of_memory, 0);
	given_file(p, "memory.events",
		   STR("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"));
	given_file(p, "pids.events", STR("max 7\n"));
	cgroup_count(p->folder, &events);
	check_int(events.out_of_memory, 2);
	check_int(events.refused_forks, 7);
}

static void a_root_that_is_no_control_group_is_refused(void **state)
{
	const struct cgroup_limits none = { 0, 0, 0 };
	const struct cgroup_limits limits = { 1 << 30, 0, 0 };
	struct place *p = *state;
	struct err e = { 0 };
	const char *root = "unset";

	check_err(cgroup_open_root(p->arena, p->folder, &none, &root, &e), &e, ERR_INVALID,
		  "no control group");
	check_err(cgroup_open_root(p->arena, "here", &none, &root, &e), &e, ERR_INVALID,
		  "absolute path");
	check_err(cgroup_open_root(p->arena, "none", &limits, &root, &e), &e, ERR_INVALID,
		  "memory_limit is set");
	check_c(root, "unset");
	check_ok(cgroup_open_root(p->arena, "none", &none, &root, &e), &e);
	check_true(root == NULL);
}

RUN_TESTS(cmocka_unit_test_setup_teardown(limits_are_written_as_the_kernel_reads_them, set_up,
					  tear_down),
	  cmocka_unit_test_setup_teardown(a_limit_that_cannot_be_written_is_an_error, set_up,
					  tear_down),
	  cmocka_unit_test_setup_teardown(limits_that_were_met_are_counted, set_up, tear_down),
	  cmocka_unit_test_setup_teardown(a_root_that_is_no_control_group_is_refused, set_up,
					  tear_down))
