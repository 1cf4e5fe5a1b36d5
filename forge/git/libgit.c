#include "git/libgit.h"

static const struct {
	git_object_t type;
	size_t bytes;
} cached_objects[] = {
	/* The default of 4 KiB never caches the root tree of a large project. */
	{ GIT_OBJECT_TREE, 256 * 1024 },
	{ GIT_OBJECT_COMMIT, 16 * 1024 },
};

#define CACHE_BYTES (64L * 1024 * 1024)
#define MAPPED_BYTES ((size_t)1 << 30)
#define PACK_FILES_MAX ((size_t)256)

static int set_options(void)
{
	static const int levels[] = { GIT_CONFIG_LEVEL_PROGRAMDATA, GIT_CONFIG_LEVEL_SYSTEM,
				      GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL };
	int result = 0;

	for (size_t i = 0; i < ARRAY_LEN(levels); i++)
		result |= git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
	for (size_t i = 0; i < ARRAY_LEN(cached_objects); i++)
		result |= git_libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, cached_objects[i].type,
					   cached_objects[i].bytes);
	result |= git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)CACHE_BYTES);
	result |= git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, MAPPED_BYTES);
	result |= git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, PACK_FILES_MAX);
	/* Bit rot is fsck's business (housekeeping); a page would pay twice for it. */
	result |= git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	/* Our folders belong to our user; in the sandbox of an operation uids may be mapped. */
	result |= git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	return result;
}

int libgit_open(struct err *e)
{
	int count = git_libgit2_init();

	if (count < 0)
		return libgit_error(count, e, "start libgit2");
	if (count == 1 && set_options() < 0) {
		git_libgit2_shutdown();
		return err_set(e, ERR_INTERNAL, "libgit2 refused an option");
	}
	return 0;
}

void libgit_close(void)
{
	git_libgit2_shutdown();
}

int libgit_open_folder(const char *path, git_repository **repository, struct err *e)
{
	int result = git_repository_open_ext(
		repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL);

	if (result == GIT_ENOTFOUND)
		return err_set(e, ERR_NOT_FOUND, "There is no repository here.");
	return result < 0 ? libgit_error(result, e, "open repository") : 0;
}

int libgit_error(int result, struct err *e, const char *doing)
{
	const git_error *last = git_error_last();
	enum err_code code = ERR_UNAVAILABLE;

	ASSERT(result < 0);
	if (result == GIT_ENOTFOUND)
		return err_set(e, ERR_NOT_FOUND, "There is no such object in this repository.");
	if (last && last->klass == GIT_ERROR_NOMEMORY)
		code = ERR_TOO_LARGE;
	err_set(e, code, "%s: %s (%d)", doing, last ? last->message : "failed", result);
	return -(int)code;
}

git_oid libgit_oid(const struct oid *oid)
{
	git_oid converted;

	memcpy(converted.id, oid->b, OID_BYTES);
	return converted;
}

struct oid libgit_from_oid(const git_oid *oid)
{
	struct oid converted;

	memcpy(converted.b, oid->id, OID_BYTES);
	return converted;
}
