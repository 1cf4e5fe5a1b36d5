/* The directory of blobs: written whole or not at all, found by what they hold. */
#include "store/blob.h"
#include "support/check.h"

#include "base/fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder {
	char path[64];
	struct arena *arena;
};

static int set_up(void **state)
{
	struct folder *f = test_malloc(sizeof(*f));

	test_folder(f->path, sizeof(f->path), "hearth-blob");
	f->arena = arena_open(0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *f = *state;
	struct err e = { 0 };

	check_ok(fs_remove_tree(f->path, &e), &e);
	arena_close(f->arena);
	test_free(f);
	return 0;
}

static struct blob_made kept(struct folder *f, const char *text)
{
	struct blob_writer *w;
	struct blob_made made;
	struct err e = { 0 };

	check_ok(blob_writer_open(f->path, 100, &w, &e), &e);
	check_ok(blob_writer_add(w, str_c(text), &e), &e);
	check_ok(blob_writer_end(w, f->arena, &made, &e), &e);
	check_ok(blob_writer_keep(w, &e), &e);
	blob_writer_close(w);
	return made;
}

static const char *path_of_abc(struct folder *f)
{
	return arena_strf(f->arena, "%s/%s", f->path,
			  "ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void a_blob_is_named_by_its_sha256(void **state)
{
	struct folder *f = *state;
	struct blob_made made = kept(f, "abc");
	struct err e = { 0 };
	char text[4] = "";
	uint64_t size;
	int fd;

	check_int(made.size, 3);
	check_true(fs_exists(path_of_abc(f)));
	check_ok(blob_file_open(f->path, made.sha256, &fd, &size, &e), &e);
	check_int(size, 3);
	check_int(read(fd, text, 3), 3);
	check_c(text, "abc");
	close(fd);
	check_true(str_eq(kept(f, "abc").sha256, made.sha256));
	check_ok(blob_file_remove(f->path, made.sha256, &e), &e);
	check_ok(blob_file_remove(f->path, made.sha256, &e), &e);
	check_err(blob_file_open(f->path, made.sha256, &fd, &size, &e), &e, ERR_NOT_FOUND,
		  "no longer");
}

static size_t count_new(struct folder *f)
{
	struct stat st;
	const char *path = arena_strf(f->arena, "%s/new", f->path);

	check_int(stat(path, &st), 0);
	return rmdir(path) == 0 ? 0 : 1;
}

static void what_is_not_kept_leaves_nothing(void **state)
{
	struct folder *f = *state;
	struct blob_writer *w;
	struct err e = { 0 };

	check_ok(blob_writer_open(f->path, 5, &w, &e), &e);
	check_ok(blob_writer_add(w, STR("12345"), &e), &e);
	check_err(blob_writer_add(w, STR("6"), &e), &e, ERR_TOO_LARGE, "limit of 5 bytes");
	blob_writer_close(w);
	check_int(count_new(f), 0);
}

static void make_old(const char *path)
{
	const struct timespec times[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };

	check_int(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void old_files_are_listed_and_dead_writers_removed(void **state)
{
	struct folder *f = *state;
	const char *dead = arena_strf(f->arena, "%s/new/dead", f->path);
	struct str_list list;
	struct blob_made made = kept(f, "abc");
	struct err e = { 0 };

	check_ok(blob_file_list_old(f->path, 0xba, f->arena, &list, &e), &e);
	check_int(list.count, 0);
	make_old(path_of_abc(f));
	check_ok(fs_write_atomic(dead, STR("x"), 0600, &e), &e);
	make_old(dead);
	check_ok(blob_file_list_old(f->path, 0xba, f->arena, &list, &e), &e);
	check_int(list.count, 1);
	check_true(str_eq(list.items[0], made.sha256));
	check_false(fs_exists(dead));
	check_ok(blob_file_list_old(f->path, 0xbb, f->arena, &list, &e), &e);
	check_int(list.count, 0);
}

#define FOLDER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(FOLDER_TEST(a_blob_is_named_by_its_sha256), FOLDER_TEST(what_is_not_kept_leaves_nothing),
	  FOLDER_TEST(old_files_are_listed_and_dead_writers_removed))
