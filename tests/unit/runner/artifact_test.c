#include "archive/zip.h"
#include "base/fs.h"
#include "runner/artifact.h"
#include "support/check.h"

#include <fcntl.h>
#include <sys/stat.h>

struct folders {
	struct arena *arena;
	char from[64];
	char to[64];
	int zip;
};

static int set_up(void **state)
{
	struct folders *f = test_malloc(sizeof(*f));

	test_folder(f->from, sizeof(f->from), "hearth-from");
	test_folder(f->to, sizeof(f->to), "hearth-to");
	f->arena = arena_open(0);
	f->zip = open(f->from, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	*state = f;
	return f->zip >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	struct folders *f = *state;
	struct err e = { 0 };

	check_ok(fs_remove_tree(f->from, &e), &e);
	check_ok(fs_remove_tree(f->to, &e), &e);
	close(f->zip);
	arena_close(f->arena);
	test_free(f);
	return 0;
}

static void write_file(struct folders *f, const char *path, const char *text)
{
	char *whole = arena_strf(f->arena, "%s/%s", f->from, path);
	char *folder =
		arena_cstr(f->arena, str_upto(str_c(whole), str_find_last(str_c(whole), '/')));
	struct err e = { 0 };

	check_ok(fs_make_folder(folder, 0755, &e), &e);
	check_ok(fs_write_atomic(whole, str_c(text), 0644, &e), &e);
}

static size_t packed(struct folders *f, struct str *paths, size_t count)
{
	struct str exclude[] = { STR("**/*.o") };
	struct artifact_choice choice = { { paths, count }, { exclude, 1 } };
	struct err e = { 0 };
	size_t files = 0;

	check_ok(artifact_pack(f->from, &choice, f->zip, &files, &e), &e);
	lseek(f->zip, 0, SEEK_SET);
	return files;
}

static void what_is_packed_is_unpacked(void **state)
{
	struct str paths[] = { STR("out/"), STR("*.txt"), STR("deep/**/x") };
	struct folders *f = *state;
	struct err e = { 0 };
	struct str bytes;
	size_t count;

	write_file(f, "out/a/b", "in a folder");
	write_file(f, "out/a/b.o", "excluded");
	write_file(f, "note.txt", "at the top");
	write_file(f, "deep/1/2/x", "deep");
	write_file(f, "deep/1/2/y", "not named");
	write_file(f, ".git/config", "never");
	check_int(symlink("b", arena_strf(f->arena, "%s/out/a/link", f->from)), 0);
	check_int(packed(f, paths, 3), 4);
	check_ok(artifact_unpack(f->to, f->zip, &count, &e), &e);
	check_int(count, 4);
	check_ok(fs_read(f->arena, arena_strf(f->arena, "%s/out/a/link", f->to), 100, &bytes, &e),
		 &e);
	check_str(bytes, "in a folder");
	check_true(fs_exists(arena_strf(f->arena, "%s/deep/1/2/x", f->to)));
	check_false(fs_exists(arena_strf(f->arena, "%s/deep/1/2/y", f->to)));
	check_false(fs_exists(arena_strf(f->arena, "%s/out/a/b.o", f->to)));
}

/* Scripts of GitLab's name their files by $CI_PROJECT_DIR. */
static void paths_below_the_project_folder_may_be_whole(void **state)
{
	struct folders *f = *state;
	struct str out[] = { arena_fmt(f->arena, "%s/out/", f->from) };
	struct str all[] = { str_c(f->from) };
	struct str beside[] = { arena_fmt(f->arena, "%sout", f->from) };

	write_file(f, "out/a", "x");
	write_file(f, "b", "x");
	check_int(packed(f, out, 1), 1);
	check_int(ftruncate(f->zip, 0), 0);
	check_int(packed(f, all, 1), 2);
	check_int(ftruncate(f->zip, 0), 0);
	check_int(packed(f, beside, 1), 0);
}

static void braces_and_the_folder_itself_are_taken_as_gitlab_takes_them(void **state)
{
	struct str braces[] = { STR("out/{a,b}/*.js"), STR("{c,d}.txt") };
	struct str all[] = { STR("./") };
	struct folders *f = *state;

	write_file(f, "out/a/1.js", "x");
	write_file(f, "out/b/2.js", "x");
	write_file(f, "out/c/3.js", "x");
	write_file(f, "d.txt", "x");
	check_int(packed(f, braces, 2), 3);
	check_int(ftruncate(f->zip, 0), 0);
	check_int(packed(f, all, 1), 4);
}

static void nothing_matched_writes_nothing(void **state)
{
	struct str paths[] = { STR("../*"), STR("/etc/passwd"), STR("none") };
	struct folders *f = *state;

	write_file(f, "a", "x");
	check_int(packed(f, paths, 3), 0);
	check_int(lseek(f->zip, 0, SEEK_END), 0);
}

static void names_and_links_that_lead_out_are_refused(void **state)
{
	static const char *const names[] = { "../x", "/etc/x", "a/../../x", "" };
	static const char *const links[] = { "/etc/passwd", "../x", "a/../../.." };
	struct folders *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(names) + ARRAY_LEN(links); i++) {
		struct zip_writer *zip;
		struct err e = { 0 };
		size_t count;

		check_int(ftruncate(f->zip, 0), 0);
		lseek(f->zip, 0, SEEK_SET);
		check_ok(zip_writer_open(f->zip, &zip, &e), &e);
		if (i < ARRAY_LEN(names))
			check_ok(zip_add_link(zip, names[i][0] ? names[i] : "../", "x", 0, &e), &e);
		else
			check_ok(zip_add_link(zip, "d", links[i - ARRAY_LEN(names)], 0, &e), &e);
		check_ok(zip_writer_close(zip, &e), &e);
		lseek(f->zip, 0, SEEK_SET);
		check_err(zip_unpack(f->zip, f->to, &count, &e), &e, ERR_UNPROCESSABLE,
			  "leads out");
	}
}

/* up leads to the folder itself, so what its text counts as one step up is one out of it. */
static void links_that_lead_out_through_another_are_refused(void **state)
{
	struct folders *f = *state;
	struct zip_writer *zip;
	struct err e = { 0 };
	size_t count;

	check_ok(zip_writer_open(f->zip, &zip, &e), &e);
	check_ok(zip_add_link(zip, "d/e/up", "../..", 0, &e), &e);
	check_ok(zip_add_link(zip, "inside", "d/e/up/d", 0, &e), &e);
	check_ok(zip_add_link(zip, "out", "d/e/up/..", 0, &e), &e);
	check_ok(zip_writer_close(zip, &e), &e);
	lseek(f->zip, 0, SEEK_SET);
	check_err(zip_unpack(f->zip, f->to, &count, &e), &e, ERR_UNPROCESSABLE,
		  "behind a name: out");
}

static void what_is_no_zip_is_said(void **state)
{
	struct folders *f = *state;
	struct err e = { 0 };
	size_t count;

	check_int(write(f->zip, "hello, this is no zip file at all", 33), 33);
	lseek(f->zip, 0, SEEK_SET);
	check_err(zip_unpack(f->zip, f->to, &count, &e), &e, ERR_UNPROCESSABLE, "zip file");
}

#define IN_FOLDERS(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(IN_FOLDERS(what_is_packed_is_unpacked),
	  IN_FOLDERS(braces_and_the_folder_itself_are_taken_as_gitlab_takes_them),
	  IN_FOLDERS(nothing_matched_writes_nothing),
	  IN_FOLDERS(paths_below_the_project_folder_may_be_whole),
	  IN_FOLDERS(names_and_links_that_lead_out_are_refused),
	  IN_FOLDERS(links_that_lead_out_through_another_are_refused),
	  IN_FOLDERS(what_is_no_zip_is_said))
