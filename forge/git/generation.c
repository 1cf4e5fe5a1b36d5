#include "git/generation.h"

#include "base/mem.h"
#include "git/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct counters {
	_Atomic uint64_t refs;
	_Atomic uint64_t packs;
};

struct git_generation {
	struct counters *counters;
	dev_t device;
	ino_t inode;
};

static int file_path(char to[static PATH_MAX], const char *repo_path, struct err *e)
{
	int n = snprintf(to, PATH_MAX, "%s/" GIT_GENERATION_NAME, repo_path);

	if (n < 0 || n >= PATH_MAX)
		return err_set(e, ERR_INTERNAL, "%s is too long a path", repo_path);
	return 0;
}

/* A new file is given its size before anyone can map it: a short one would be SIGBUS. */
static int open_file(const char *path, bool for_writing, struct err *e)
{
	int fd =
		open(path, for_writing ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0600);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: no such file", path);
	if (fd < 0)
		return err_errno(e, errno, "open %s", path);
	if (fstat(fd, &st) == 0 && (size_t)st.st_size >= sizeof(struct counters))
		return fd;
	if (for_writing && ftruncate(fd, sizeof(struct counters)) == 0)
		return fd;
	close(fd);
	return err_set(e, ERR_NOT_FOUND, "%s is not complete", path);
}

int git_generation_open(const char *repo_path, bool for_writing, struct git_generation **generation,
			struct err *e)
{
	char path[PATH_MAX];
	struct stat st;
	void *p;
	int fd;

	if (file_path(path, repo_path, e) < 0)
		return -(int)e->code;
	fd = open_file(path, for_writing, e);
	if (fd < 0)
		return fd;
	p = fstat(fd, &st) < 0
		    ? MAP_FAILED
		    : mmap(NULL, sizeof(struct counters),
			   for_writing ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED) {
		int errno_value = errno;

		close(fd);
		return err_errno(e, errno_value, "map %s", path);
	}
	close(fd);
	*generation = MEM_NEW(struct git_generation);
	**generation = (struct git_generation){ p, st.st_dev, st.st_ino };
	return 0;
}

void git_generation_close(struct git_generation *g)
{
	if (!g)
		return;
	munmap(g->counters, sizeof(*g->counters));
	mem_free(g);
}

uint64_t git_generation_refs(const struct git_generation *g)
{
	return atomic_load(&g->counters->refs);
}

uint64_t git_generation_packs(const struct git_generation *g)
{
	return atomic_load(&g->counters->packs);
}

void git_generation_bump_refs(struct git_generation *g)
{
	atomic_fetch_add(&g->counters->refs, 1);
}

void git_generation_bump_packs(struct git_generation *g)
{
	atomic_fetch_add(&g->counters->packs, 1);
}

bool git_generation_is_stale(const struct git_generation *g, const char *repo_path)
{
	char path[PATH_MAX];
	struct stat st;
	struct err ignored;

	return file_path(path, repo_path, &ignored) < 0 || stat(path, &st) < 0 ||
	       st.st_dev != g->device || st.st_ino != g->inode;
}
