/*
 * The generators against golden files. A case is a folder
 * tests/golden/<generator>/<case>/ with
 *	args		the command line; OUT is the folder to write to
 *	in/		what it reads (it runs in here)
 *	expected/	each file it must have written, byte by byte
 *	error		or: what it must say, and nothing written
 * UPDATE_GOLDEN=1 build/tests/unit/scripts/generators_test writes them anew;
 * read the diff before you commit it.
 */
#include "support/check.h"

#include "base/arena.h"
#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FILE_LIMIT (1u << 20)
#define ARGS_MAX 16

struct golden {
	struct arena *arena;
	const char *folder; /* of the case */
	const char *out;    /* where the generator writes */
	const char *said;   /* file with its stderr */
	int status;
};

static struct str read_file(struct golden *g, const char *path)
{
	struct err e = { 0 };
	struct str text;

	check_ok(fs_read(g->arena, path, FILE_LIMIT, &text, &e), &e);
	return text;
}

static void spawn(struct golden *g, char **argv)
{
	posix_spawn_file_actions_t actions;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 2, g->said, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_addchdir_np(&actions, arena_strf(g->arena, "%s/in", g->folder));
	check_int(posix_spawn(&pid, argv[0], &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	check_int(waitpid(pid, &status, 0), pid);
	check_true(WIFEXITED(status));
	g->status = WEXITSTATUS(status);
}

static void run_generator(struct golden *g, const char *tool)
{
	struct str args = str_trim(read_file(g, arena_strf(g->arena, "%s/args", g->folder)));
	char *argv[ARGS_MAX + 2] = { realpath(arena_strf(g->arena, "build/tools/%s", tool), NULL) };
	size_t count = 1;
	struct str arg;

	while (count <= ARGS_MAX && str_cut(&args, ' ', &arg)) {
		size_t out = str_find_str(arg, STR("OUT"));

		if (out < arg.n)
			argv[count++] = arena_strf(g->arena, "%s%.*s", g->out,
						   STR_FMT(str_from(arg, out + 3)));
		else
			argv[count++] = arena_cstr(g->arena, arg);
	}
	spawn(g, argv);
	free(argv[0]);
}

static void compare_file(struct golden *g, const char *expected, const char *actual)
{
	struct err e = { 0 };
	struct str bytes = read_file(g, actual);

	if (getenv("UPDATE_GOLDEN") != NULL)
		check_ok(fs_write_atomic(expected, bytes, 0644, &e), &e);
	if (!str_eq(bytes, read_file(g, expected)))
		fail_msg("%s is not what was written:\n%.*s", expected, STR_FMT(bytes));
}

/* Each file of expected/; when updating, each file that was written. */
static void compare_folder(struct golden *g)
{
	const char *expected = arena_strf(g->arena, "%s/expected", g->folder);
	bool update = getenv("UPDATE_GOLDEN") != NULL && fs_exists(g->out);
	DIR *dir = opendir(update ? g->out : expected);
	struct dirent *entry;

	if (dir == NULL)
		fail_msg("%s is missing", expected);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] != '.')
			compare_file(g, arena_strf(g->arena, "%s/%s", expected, entry->d_name),
				     arena_strf(g->arena, "%s/%s", g->out, entry->d_name));
	}
	closedir(dir);
}

static void check_case(const char *tool, const char *name)
{
	char temp[64];
	struct err e = { 0 };
	struct golden g = { .arena = arena_open(0) };
	const char *error;

	test_folder(temp, sizeof(temp), "hearth-golden");
	g.folder = arena_strf(g.arena, "tests/golden/%s/%s", tool, name);
	g.out = arena_strf(g.arena, "%s/out", temp);
	g.said = arena_strf(g.arena, "%s/said", temp);
	error = arena_strf(g.arena, "%s/error", g.folder);
	run_generator(&g, tool);
	if (fs_exists(error)) {
		compare_file(&g, error, g.said);
		if (g.status != 1)
			fail_msg("%s: exit %d", g.folder, g.status);
		if (fs_exists(g.out))
			fail_msg("%s: written in spite of the error", g.folder);
	} else {
		struct str said = read_file(&g, g.said);

		if (g.status != 0)
			fail_msg("%s: %.*s", g.folder, STR_FMT(said));
		compare_folder(&g);
	}
	check_ok(fs_remove_tree(temp, &e), &e);
	arena_close(g.arena);
}

static void check_all_cases(const char *tool)
{
	char folder[128];
	DIR *dir;
	struct dirent *entry;
	size_t count = 0;

	snprintf(folder, sizeof(folder), "tests/golden/%s", tool);
	dir = opendir(folder);
	if (dir == NULL)
		fail_msg("%s is missing", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		check_case(tool, entry->d_name);
		count++;
	}
	closedir(dir);
	check_true(count > 0);
}

static void sqlgen_writes_what_is_golden(void **state UNUSED)
{
	check_all_cases("sqlgen");
}

static void tmplgen_writes_what_is_golden(void **state UNUSED)
{
	check_all_cases("tmplgen");
}

static void pogen_writes_what_is_golden(void **state UNUSED)
{
	check_all_cases("pogen");
}

static void assetgen_writes_what_is_golden(void **state UNUSED)
{
	check_all_cases("assetgen");
}

static void layercheck_says_what_is_golden(void **state UNUSED)
{
	check_all_cases("layercheck");
}

RUN_TESTS(TEST(sqlgen_writes_what_is_golden), TEST(tmplgen_writes_what_is_golden),
	  TEST(pogen_writes_what_is_golden), TEST(assetgen_writes_what_is_golden),
	  TEST(layercheck_says_what_is_golden))
