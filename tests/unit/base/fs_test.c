#include "base/fs.h"
#include "support/check.h"

#include <sys/stat.h>

struct folder {
	char path[64];
	struct arena *arena;
};

static int set_up(void **state)
{
	struct folder *f = test_malloc(sizeof(*f));

	test_folder(f->path, sizeof(f->path), "hearth-fs");
	f->arena = arena_open(0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *f = *state;
	struct err e = { 0 };

	check_ok(fs_remove_tree(f->path, &e), &e);
	check_false(fs_exists(f->path));
	arena_close(f->arena);
	test_free(f);
	return 0;
}

static void a_file_is_replaced_whole(void **state)
{
	struct folder *f = *state;
	char *path = arena_strf(f->arena, "%s/a", f->path);
	struct err e = { 0 };
	struct stat st;
	struct str bytes;

	check_ok(fs_write_atomic(path, STR("first"), 0644, &e), &e);
	check_ok(fs_write_atomic(path, STR("second"), 0600, &e), &e);
	check_ok(fs_read(f->arena, path, 100, &bytes, &e), &e);
	check_str(bytes, "second");
	check_int(stat(path, &st), 0);
	check_int(st.st_mode & 0777, 0600);
}

static void reading_says_what_is_missing_or_too_large(void **state)
{
	struct folder *f = *state;
	char *path = arena_strf(f->arena, "%s/a", f->path);
	struct err e = { 0 };
	struct str bytes;

	check_err(fs_read(f->arena, path, 10, &bytes, &e), &e, ERR_NOT_FOUND, path);
	check_ok(fs_write_atomic(path, STR("0123456789"), 0600, &e), &e);
	check_err(fs_read(f->arena, path, 9, &bytes, &e), &e, ERR_TOO_LARGE, "limit of 9");
	check_ok(fs_read(f->arena, path, 10, &bytes, &e), &e);
	check_ok(fs_read(f->arena, "/proc/self/status", 1 << 20, &bytes, &e), &e);
	check_true(bytes.n > 0);
}

static void removing_a_tree_does_not_follow_links(void **state)
{
	struct folder *f = *state;
	char *kept = arena_strf(f->arena, "%s/kept", f->path);
	char *tree = arena_strf(f->arena, "%s/tree/deep/er", f->path);
	struct err e = { 0 };

	check_ok(fs_make_folder(tree, 0700, &e), &e);
	check_ok(fs_make_folder(tree, 0700, &e), &e);
	check_ok(fs_write_atomic(kept, STR("x"), 0600, &e), &e);
	check_int(symlink(f->path, arena_strf(f->arena, "%s/link", tree)), 0);
	check_ok(fs_remove_tree(arena_strf(f->arena, "%s/tree", f->path), &e), &e);
	check_true(fs_exists(kept));
	check_ok(fs_remove_tree(tree, &e), &e);
}

static void an_open_folder_is_open_under_any_umask(void **state)
{
	struct folder *f = *state;
	const char *outer = arena_strf(f->arena, "%s/outer", f->path);
	const char *inner = arena_strf(f->arena, "%s/inner", outer);
	mode_t before = umask(077);
	struct err e = { 0 };
	struct stat st;

	check_ok(fs_make_open_folder(inner, &e), &e);
	umask(before);
	check_int(stat(outer, &st), 0);
	check_int(st.st_mode & 07777, 0755);
	check_int(stat(inner, &st), 0);
	check_int(st.st_mode & 07777, 0755);
	check_int(stat(f->path, &st), 0);
	check_int(st.st_mode & 07777, 0700);
}

#define IN_FOLDER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(IN_FOLDER(a_file_is_replaced_whole), IN_FOLDER(reading_says_what_is_missing_or_too_large),
	  IN_FOLDER(removing_a_tree_does_not_follow_links),
	  IN_FOLDER(an_open_folder_is_open_under_any_umask))
