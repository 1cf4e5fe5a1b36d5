/* What a page may show of a zip file: its directory, a folder of it, the bytes of one entry. */
#include "archive/zip.h"
#include "archive/zip_directory.h"
#include "base/fs.h"
#include "support/check.h"

#include <fcntl.h>
#include <unistd.h>

struct packed {
	struct arena *arena;
	int zip;
	uint64_t size;
	struct zip_directory directory;
};

static void add(struct zip_writer *w, const char *path, struct str bytes)
{
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	struct err e = { 0 };

	check_ok(fs_write_all(fd, bytes, &e), &e);
	check_int(lseek(fd, 0, SEEK_SET), 0);
	check_ok(zip_add_file(w, path, fd, (int64_t)bytes.n, 0644, 1000000000, &e), &e);
	close(fd);
}

static char *long_text(struct arena *a, size_t n)
{
	char *text = arena_alloc(a, n + 1);

	for (size_t i = 0; i < n; i++)
		text[i] = (char)('a' + i % 7 + i / 1000 % 13);
	return text;
}

static void pack(struct packed *p)
{
	struct zip_writer *w;
	struct err e = { 0 };

	p->arena = arena_open(0);
	p->zip = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	check_ok(zip_writer_open(p->zip, &w, &e), &e);
	add(w, "out/b.txt", STR("hello"));
	add(w, "out/deep/er/c", STR(""));
	add(w, "out-side", STR("x"));
	add(w, "../evil", STR("x"));
	add(w, "out/a.txt", str_n(long_text(p->arena, 300000), 300000));
	check_ok(zip_add_link(w, "out/link", "a.txt", 1000000000, &e), &e);
	check_ok(zip_writer_close(w, &e), &e);
	p->size = (uint64_t)lseek(p->zip, 0, SEEK_END);
}

static struct packed open_packed(void)
{
	struct packed p = { 0 };
	struct err e = { 0 };

	pack(&p);
	check_ok(zip_directory_read(p.zip, p.size, p.arena, &p.directory, &e), &e);
	return p;
}

static void close_packed(struct packed *p)
{
	close(p->zip);
	arena_close(p->arena);
}

static void a_folder_is_listed_folders_first(void **state UNUSED)
{
	struct packed p = open_packed();
	struct zip_child *children;
	size_t count;

	check_int(p.directory.count, 5);
	check_int(p.directory.left_out, 1);
	zip_directory_children(&p.directory, STR(""), p.arena, &children, &count);
	check_int(count, 2);
	check_str(children[0].name, "out");
	check_true(children[0].entry == NULL);
	check_str(children[1].name, "out-side");
	zip_directory_children(&p.directory, STR("out"), p.arena, &children, &count);
	check_int(count, 4);
	check_str(children[0].path, "out/deep");
	check_str(children[1].path, "out/a.txt");
	check_int(children[1].entry->size, 300000);
	check_str(children[3].name, "link");
	check_true(children[3].entry->is_link);
	zip_directory_children(&p.directory, STR("ou"), p.arena, &children, &count);
	check_int(count, 0);
	check_true(zip_directory_find(&p.directory, STR("../evil")) == NULL);
	close_packed(&p);
}

static void an_entry_is_read_in_pieces(void **state UNUSED)
{
	struct packed p = open_packed();
	const struct zip_entry *entry = zip_directory_find(&p.directory, STR("out/a.txt"));
	const char *expected = long_text(p.arena, 300000);
	struct zip_reader *r;
	struct err e = { 0 };
	char piece[777];
	size_t at = 0;
	ssize_t n;

	check_ok(zip_reader_open(p.zip, entry, &r, &e), &e);
	while ((n = zip_reader_read(r, piece, sizeof(piece), &e)) > 0) {
		assert_memory_equal(piece, expected + at, (size_t)n);
		at += (size_t)n;
	}
	check_int(n, 0);
	check_int(at, 300000);
	zip_reader_close(r);
	entry = zip_directory_find(&p.directory, STR("out/deep/er/c"));
	check_ok(zip_reader_open(p.zip, entry, &r, &e), &e);
	check_int(zip_reader_read(r, piece, sizeof(piece), &e), 0);
	zip_reader_close(r);
	close_packed(&p);
}

static void changed_bytes_are_an_error(void **state UNUSED)
{
	struct packed p = open_packed();
	struct zip_entry wrong = *zip_directory_find(&p.directory, STR("out/b.txt"));
	struct zip_reader *r;
	struct err e = { 0 };
	char piece[100];

	wrong.crc ^= 1;
	check_ok(zip_reader_open(p.zip, &wrong, &r, &e), &e);
	check_int(zip_reader_read(r, piece, sizeof(piece), &e), 5);
	check_err((int)zip_reader_read(r, piece, sizeof(piece), &e), &e, ERR_UNPROCESSABLE,
		  "out/b.txt in the archive is damaged");
	zip_reader_close(r);
	wrong.header += 3;
	check_err(zip_reader_open(p.zip, &wrong, &r, &e), &e, ERR_UNPROCESSABLE, "damaged");
	wrong.method = 99;
	check_err(zip_reader_open(p.zip, &wrong, &r, &e), &e, ERR_UNPROCESSABLE,
		  "Download the whole archive");
	close_packed(&p);
}

static void what_is_no_zip_is_refused(void **state UNUSED)
{
	struct packed p = open_packed();
	struct zip_directory d;
	struct err e = { 0 };

	check_err(zip_directory_read(p.zip, 10, p.arena, &d, &e), &e, ERR_UNPROCESSABLE,
		  "too short");
	check_err(zip_directory_read(p.zip, p.size - 1, p.arena, &d, &e), &e, ERR_UNPROCESSABLE,
		  "its end is missing");
	check_int(pwrite(p.zip, "\xff\xff\xff\x7f", 4, (off_t)p.size - 6), 4);
	check_err(zip_directory_read(p.zip, p.size, p.arena, &d, &e), &e, ERR_UNPROCESSABLE,
		  "not where it says");
	close_packed(&p);
}

RUN_TESTS(TEST(a_folder_is_listed_folders_first), TEST(an_entry_is_read_in_pieces),
	  TEST(changed_bytes_are_an_error), TEST(what_is_no_zip_is_refused))
