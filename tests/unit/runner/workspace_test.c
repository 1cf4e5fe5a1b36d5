#include "runner/workspace.h"

#include "base/fs.h"
#include "support/check.h"

/* Whatever a person or a group is called, the project does not meet the runner's own files. */
static void no_name_of_a_project_is_in_the_way(void **state UNUSED)
{
	static const char *const paths[] = { "script/app", "home/script", "files/KEY", "tmp/x",
					     "team/app" };
	struct arena *a = arena_open(0);
	const struct slot slot = { .number = 3, .fd = -1 };
	struct err e = { 0 };
	char builds[64];

	test_folder(builds, sizeof(builds), "hearth-builds");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct job_variable path = { .key = STR("CI_PROJECT_PATH"),
					     .value = str_c(paths[i]) };
		const struct job job = { .variables = &path, .variable_count = 1 };
		struct workspace w;

		check_ok(workspace_make(a, builds, &slot, &job, &w, &e), &e);
		check_c(w.place.project, arena_strf(a, "%s/3/%s", builds, paths[i]));
		check_ok(workspace_write_script(&w, &slot, STR("true"), &e), &e);
		check_ok(fs_make_folder(w.place.project, 0700, &e), &e);
		check_ok(workspace_write_script(&w, &slot, STR("true"), &e), &e);
		check_ok(workspace_remove(&w, &e), &e);
	}
	check_ok(fs_remove_tree(builds, &e), &e);
	arena_close(a);
}

RUN_TESTS(TEST(no_name_of_a_project_is_in_the_way))
