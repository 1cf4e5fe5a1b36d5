/*
 * Any bytes as a backup that is restored. Asserted: nothing appears beside the folder or in it
 * outside of what is allowed; there are files and folders only, open to nobody else.
 */
#include "archive/bundle.h"

#include "base/arena.h"
#include "base/fs.h"

#include <ftw.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each file is synced, which costs nothing there. */
#define PARENT "/dev/shm/bundle-XXXXXX"
#define FOLDER "/in"

static int check_one(const char *path, const struct stat *st, int kind UNUSED, struct FTW *at)
{
	struct str name = str_c(strstr(path, FOLDER) + strlen(FOLDER));
	mode_t mode = st->st_mode & 07777;

	if (at->level == 0)
		return 0;
	ASSERT(str_eq_c(name, "/one") || str_starts(name, STR("/one/")) ||
	       str_eq_c(name, "/keys") || str_starts(name, STR("/keys/")));
	if (S_ISDIR(st->st_mode)) {
		ASSERT(mode == 0700);
		return 0;
	}
	ASSERT(S_ISREG(st->st_mode) && st->st_nlink == 1);
	ASSERT(mode == (str_starts(name, STR("/keys/")) ? 0400 : 0600));
	return 0;
}

/* A head whose sum is wrong ends the reading: each block that says it is one gets its sum. */
static struct str mend_sums(struct str tar, struct arena *a)
{
	char *bytes = arena_cstr(a, tar);

	for (size_t at = 0; at + 512 <= tar.n; at += 512) {
		char *head = bytes + at;
		unsigned sum = 0;

		if (memcmp(head + 257, "ustar", 5) != 0)
			continue;
		memset(head + 148, ' ', 8);
		for (size_t i = 0; i < 512; i++)
			sum += (unsigned char)head[i];
		snprintf(head + 148, 8, "%06o", sum);
	}
	return str_n(bytes, tar.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str names[] = { STR("one"), STR("keys") };
	const struct str_list allowed = { names, ARRAY_LEN(names) };
	char parent[] = PARENT;
	AUTO_FD fd = memfd_create("bundle", MFD_CLOEXEC);
	char folder[sizeof(parent) + sizeof(FOLDER)];
	struct arena *a = arena_open(0);
	struct bundle_counts counts;
	struct err e = { 0 };
	int failed;

	ASSERT(fd >= 0 && mkdtemp(parent));
	snprintf(folder, sizeof(folder), "%s" FOLDER, parent);
	failed = mkdir(folder, 0700);
	ASSERT(!failed);
	if (fs_write_all(fd, mend_sums(str_n((const char *)data, size), a), &e) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 && bundle_extract(fd, folder, &allowed, &counts, &e) < 0)
		ASSERT(e.text[0] != '\0');
	ASSERT(nftw(folder, check_one, 16, FTW_PHYS) == 0);
	failed = fs_remove_tree(folder, &e);
	ASSERT(!failed);
	failed = rmdir(parent);
	ASSERT(!failed);
	arena_close(a);
	return 0;
}
