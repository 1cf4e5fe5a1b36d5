#include "base/fs.h"
#include "runner/config.h"
#include "support/check.h"

struct place {
	struct arena *arena;
	char folder[64];
	char *path;
};

static int set_up(void **state)
{
	struct place *p = test_malloc(sizeof(*p));

	test_folder(p->folder, sizeof(p->folder), "hearth-config");
	p->arena = arena_open(0);
	*state = p;
	p->path = arena_strf(p->arena, "%s/runner.conf", p->folder);
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

static const struct registration one = {
	.name = "one", .url = "http://h:1", .token = "glrt-1", .executor = "shell"
};
static const struct registration two = {
	.name = "two", .url = "http://h:2", .token = "glrt-2", .executor = "bubblewrap"
};

static void registrations_are_added_and_removed_among_other_settings(void **state)
{
	struct place *p = *state;
	struct runner_config config;
	struct err e = { 0 };

	check_ok(fs_write_atomic(p->path, STR("[global]\nconcurrent = 3\n"), 0600, &e), &e);
	check_ok(runner_config_add(p->arena, p->path, &one, &e), &e);
	check_ok(runner_config_add(p->arena, p->path, &two, &e), &e);
	check_err(runner_config_add(p->arena, p->path, &one, &e), &e, ERR_CONFLICT, "already");
	check_ok(runner_config_read(p->arena, p->path, &config, &e), &e);
	check_int(config.concurrent, 3);
	check_int(config.registration_count, 2);
	check_c(config.registrations[1].token, "glrt-2");
	check_ok(runner_config_remove(p->arena, p->path, "one", &e), &e);
	check_err(runner_config_remove(p->arena, p->path, "one", &e), &e, ERR_NOT_FOUND, "one");
	check_ok(runner_config_read(p->arena, p->path, &config, &e), &e);
	check_int(config.concurrent, 3);
	check_int(config.registration_count, 1);
	check_c(config.registrations[0].name, "two");
}

static void the_host_keeps_its_system_id(void **state)
{
	struct place *p = *state;
	struct runner_config first;
	struct runner_config second;
	struct err e = { 0 };

	check_ok(runner_config_read(p->arena, p->path, &first, &e), &e);
	check_ok(runner_config_read(p->arena, p->path, &second, &e), &e);
	check_int(strlen(first.system_id), 14);
	check_c(first.system_id, second.system_id);
}

static void a_misspelt_setting_is_an_error(void **state)
{
	struct place *p = *state;
	struct runner_config config;
	struct err e = { 0 };

	check_ok(fs_write_atomic(p->path, STR("[global]\nconcurent = 3\n"), 0600, &e), &e);
	check_err(runner_config_read(p->arena, p->path, &config, &e), &e, ERR_INVALID, "line 2");
	check_ok(fs_write_atomic(p->path, STR("[runner x]\nurl = http://h\n"), 0600, &e), &e);
	check_err(runner_config_read(p->arena, p->path, &config, &e), &e, ERR_INVALID, "token");
}

#define IN_PLACE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(IN_PLACE(registrations_are_added_and_removed_among_other_settings),
	  IN_PLACE(the_host_keeps_its_system_id), IN_PLACE(a_misspelt_setting_is_an_error))
