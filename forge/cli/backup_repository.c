#include "cli/backup_repository.h"

#include "base/fs.h"
#include "git/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

struct copy {
	struct arena *arena;
	struct bundle *bundle;
	const char *data;
};

static int copy_file(struct copy *c, const char *name, struct err *e)
{
	return bundle_add_file(c->bundle, name, arena_strf(c->arena, "%s/%s", c->data, name), e);
}

/* What git or an operation is still writing. */
static bool is_passing(const char *name)
{
	return name[0] == '.' || str_starts(str_c(name), STR("tmp_")) ||
	       str_starts(str_c(name), STR("incoming-")) || str_ends(str_c(name), STR(".lock"));
}

static int copy_tree(struct copy *c, const char *name, struct err *e);

static int copy_entry(struct copy *c, const char *name, const struct dirent *entry, struct err *e)
{
	int result;

	if (is_passing(entry->d_name))
		return 0;
	if (entry->d_type == DT_DIR)
		return copy_tree(c, name, e);
	if (entry->d_type != DT_REG)
		return 0;
	result = copy_file(c, name, e);
	/* A ref that is deleted, a loose object that is packed: both are fine. */
	return result == -(int)ERR_NOT_FOUND ? 0 : result;
}

static int copy_tree(struct copy *c, const char *name, struct err *e)
{
	DIR *dir = opendir(arena_strf(c->arena, "%s/%s", c->data, name));
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_errno(e, errno, "read %s", name);
	result = bundle_add_folder(c->bundle, name, e);
	while (result == 0 && (entry = readdir(dir))) {
		struct arena_mark mark = arena_mark(c->arena);

		result =
			copy_entry(c, arena_strf(c->arena, "%s/%s", name, entry->d_name), entry, e);
		arena_reset(c->arena, mark);
	}
	closedir(dir);
	return result;
}

/* Loose refs before packed ones: a ref that is packed in between is then in both, not in none. */
static int copy_refs(struct copy *c, const char *name, struct err *e)
{
	static const char *const files[] = { "packed-refs", "HEAD", "config", "description" };
	int result = copy_tree(c, arena_strf(c->arena, "%s/refs", name), e);

	for (size_t i = 0; result == 0 && i < ARRAY_LEN(files); i++) {
		result = copy_file(c, arena_strf(c->arena, "%s/%s", name, files[i]), e);
		if (result == -(int)ERR_NOT_FOUND)
			result = 0;
	}
	return result;
}

/* Shared with pushes; whoever removes objects wants it alone. */
static int keep_objects(const struct copy *c, const char *name, int *fd, struct err *e)
{
	const char *path = arena_strf(c->arena, "%s/%s/" GIT_OBJECTS_LOCK_NAME, c->data, name);

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*fd < 0 && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s is gone", name);
	if (*fd < 0 || flock(*fd, LOCK_SH) < 0)
		return err_errno(e, errno, "lock %s", path);
	return 0;
}

int backup_repository(struct arena *a, struct bundle *bundle, const char *data, const char *name,
		      struct err *e)
{
	struct copy c = { a, bundle, data };
	AUTO_FD lock = -1;

	if (keep_objects(&c, name, &lock, e) < 0 || copy_refs(&c, name, e) < 0)
		return -(int)e->code;
	return copy_tree(&c, arena_strf(a, "%s/objects", name), e);
}

static void add_name(struct arena *a, struct backup_repositories *list, size_t *room,
		     const char *name)
{
	if (list->count == *room) {
		size_t grown = *room ? *room * 2 : 64;
		const char **names = ARENA_ARRAY(a, const char *, grown);

		if (list->count > 0)
			memcpy(names, list->names, list->count * sizeof(*names));
		list->names = names;
		*room = grown;
	}
	list->names[list->count++] = name;
}

int backup_repositories_list(struct arena *a, const char *top, struct backup_repositories *list,
			     struct err *e)
{
	DIR *dir = opendir(top);
	struct dirent *shard;
	struct dirent *entry;
	size_t room = 0;

	*list = (struct backup_repositories){ 0 };
	if (!dir)
		return errno == ENOENT ? 0 : err_errno(e, errno, "read %s", top);
	while ((shard = readdir(dir))) {
		DIR *inner = shard->d_name[0] == '.'
				     ? NULL
				     : opendir(arena_strf(a, "%s/%s", top, shard->d_name));

		while (inner && (entry = readdir(inner))) {
			if (str_ends(str_c(entry->d_name), STR(".git")))
				add_name(a, list, &room,
					 arena_strf(a, "repositories/%s/%s", shard->d_name,
						    entry->d_name));
		}
		if (inner)
			closedir(inner);
	}
	closedir(dir);
	return 0;
}
