/*
 * Any bytes as artifacts of another job, unpacked into a folder. Asserted: nothing appears
 * beside the folder; no path of it leads out through links, whether its end exists or not;
 * nothing but files, folders and links is made, and no file gets a special right.
 */
#include "archive/zip.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOLDER "/in"

/* path: of what lies below the folder. */
static void check_leads_nowhere(const char *path)
{
	const struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_BENEATH };
	const char *below = strstr(path, FOLDER) + sizeof(FOLDER);
	char top[64];
	bool fits = str_copy(top, sizeof(top), str_n(path, (size_t)(below - path)));
	AUTO_FD folder = fits ? open(top, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	AUTO_FD found = (int)syscall(SYS_openat2, folder, below, &how, sizeof(how));

	ASSERT(folder >= 0 && (found >= 0 || errno != EXDEV));
}

static int check_one(const char *path, const struct stat *st, int kind UNUSED,
		     struct FTW *at UNUSED)
{
	ASSERT(S_ISREG(st->st_mode) || S_ISDIR(st->st_mode) || S_ISLNK(st->st_mode));
	ASSERT(S_ISLNK(st->st_mode) || (st->st_mode & 07000) == 0);
	if (S_ISLNK(st->st_mode))
		check_leads_nowhere(path);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char parent[] = "/tmp/zip-unpack-XXXXXX";
	AUTO_FD fd = memfd_create("zip", MFD_CLOEXEC);
	char folder[sizeof(parent) + sizeof(FOLDER)];
	struct err e = { 0 };
	size_t count;
	int failed;

	ASSERT(fd >= 0 && mkdtemp(parent));
	snprintf(folder, sizeof(folder), "%s" FOLDER, parent);
	failed = mkdir(folder, 0700);
	ASSERT(!failed);
	if (fs_write_all(fd, str_n((const char *)data, size), &e) == 0 &&
	    lseek(fd, 0, SEEK_SET) == 0 && zip_unpack(fd, folder, &count, &e) < 0)
		ASSERT(e.text[0] != '\0');
	ASSERT(nftw(folder, check_one, 16, FTW_PHYS) == 0);
	failed = fs_remove_tree(folder, &e);
	ASSERT(!failed);
	/* Which fails if there is anything beside the folder. */
	failed = rmdir(parent);
	ASSERT(!failed);
	return 0;
}
