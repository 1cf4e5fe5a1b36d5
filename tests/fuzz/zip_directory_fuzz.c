/*
 * Any bytes as a zip file that a page shows. What is listed has a plain path,
 * stands in order and is found again; a reader gives no more than was promised.
 */
#include "archive/zip_directory.h"
#include "base/fs.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static void read_entry(int fd, const struct zip_entry *entry)
{
	struct zip_reader *r;
	struct err e = { 0 };
	uint64_t total = 0;
	char piece[4096];
	ssize_t n;

	if (zip_reader_open(fd, entry, &r, &e) < 0)
		return;
	while (total < (1u << 20) && (n = zip_reader_read(r, piece, sizeof(piece), &e)) > 0)
		total += (uint64_t)n;
	ASSERT(total <= entry->size);
	zip_reader_close(r);
}

static void check_directory(int fd, const struct zip_directory *d, struct arena *a)
{
	struct zip_child *children;
	size_t count;

	for (size_t i = 0; i < d->count; i++) {
		const struct zip_entry *entry = &d->entries[i];

		ASSERT(entry->path.n > 0 && entry->path.p[0] != '/');
		ASSERT(i == 0 || str_cmp(d->entries[i - 1].path, entry->path) <= 0);
		ASSERT(zip_directory_find(d, entry->path) != NULL);
		if (i < 16)
			read_entry(fd, entry);
	}
	zip_directory_children(d, STR(""), a, &children, &count);
	ASSERT(count <= d->count && (count > 0) == (d->count > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	AUTO_FD fd = memfd_create("zip", MFD_CLOEXEC);
	struct zip_directory directory;
	struct err e = { 0 };

	if (fd >= 0 && fs_write_all(fd, str_n((const char *)data, size), &e) == 0 &&
	    zip_directory_read(fd, size, a, &directory, &e) == 0)
		check_directory(fd, &directory, a);
	arena_close(a);
	return 0;
}
