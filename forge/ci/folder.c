/*
 * Nothing is asked of git: `changes` has nothing to compare with and counts as
 * changed, as it does for a new branch. Symbolic links are not followed, so that
 * an include cannot leave the folder.
 */
#include "ci/folder.h"

#include "base/fs.h"

#include <dirent.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>

#define PATHS_MAX 100000
#define DEFAULT_BRANCH "main"

/* Every part of the path but links: O_NOFOLLOW on each step from the root. */
static int open_below(const char *root, struct str path)
{
	int folder = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_MAX + 1];
	struct str part;

	while (folder >= 0 && str_cut(&path, '/', &part)) {
		int flags = str_is_none(path) ? O_RDONLY : O_PATH | O_DIRECTORY;
		int below = str_copy(name, sizeof(name), part) && !str_eq(part, STR(".."))
				    ? openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC)
				    : -1;

		close(folder);
		folder = below;
	}
	return folder;
}

static int folder_read(void *closure, struct arena *a, struct str path, size_t limit,
		       struct str *bytes, struct err *e)
{
	const struct ci_folder *folder = closure;
	AUTO_FD fd = open_below(folder->root, path);

	if (fd < 0)
		return err_set(e, ERR_NOT_FOUND, "%.*s: no such file", STR_FMT(path));
	return fs_read(a, arena_strf(a, "/proc/self/fd/%d", fd), limit, bytes, e);
}

struct listing {
	struct arena *arena;
	struct ci_paths *paths;
	size_t room;
};

static void add_path(struct listing *l, const char *path)
{
	if (l->paths->count == l->room) {
		size_t room = l->room ? l->room * 2 : 64;
		struct str *items = ARENA_ARRAY(l->arena, struct str, room);

		if (l->paths->count > 0)
			memcpy(items, l->paths->items, l->paths->count * sizeof(*items));
		l->paths->items = items;
		l->room = room;
	}
	l->paths->items[l->paths->count++] = arena_str(l->arena, str_c(path));
}

static int list_below(struct listing *l, const char *root, const char *path, struct err *e);

static int list_entry(struct listing *l, const char *root, const char *path, const char *name,
		      struct err *e)
{
	char *below =
		path[0] ? arena_strf(l->arena, "%s/%s", path, name) : arena_strdup(l->arena, name);
	struct stat st;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, ".git") == 0 ||
	    lstat(arena_strf(l->arena, "%s/%s", root, below), &st) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return list_below(l, root, below, e);
	add_path(l, below);
	l->paths->is_known = l->paths->count < PATHS_MAX;
	return 0;
}

static int list_below(struct listing *l, const char *root, const char *path, struct err *e)
{
	DIR *folder = opendir(arena_strf(l->arena, "%s/%s", root, path));
	const struct dirent *entry;
	int result = 0;

	while (folder && result == 0 && l->paths->is_known && (entry = readdir(folder)))
		result = list_entry(l, root, path, entry->d_name, e);
	if (folder)
		closedir(folder);
	return result;
}

static int folder_list(void *closure, struct arena *a, struct ci_paths *paths, struct err *e)
{
	const struct ci_folder *folder = closure;
	struct listing l = { a, paths, 0 };

	*paths = (struct ci_paths){ .is_known = true };
	return list_below(&l, folder->root, "", e);
}

static int folder_changed(void *closure UNUSED, struct arena *a UNUSED,
			  struct str compare_to UNUSED, struct ci_paths *paths,
			  struct err *e UNUSED)
{
	*paths = (struct ci_paths){ .is_known = false };
	return 0;
}

static void set_merge_request(struct ci_folder *f)
{
	struct ci_variables *v = &f->predefined;

	ci_variables_set_text(v, "CI_MERGE_REQUEST_ID", STR("1"));
	ci_variables_set_text(v, "CI_MERGE_REQUEST_IID", STR("1"));
	ci_variables_set_text(v, "CI_MERGE_REQUEST_EVENT_TYPE", STR("detached"));
	ci_variables_set_text(v, "CI_MERGE_REQUEST_REF_PATH", STR("refs/merge-requests/1/head"));
	ci_variables_set_text(v, "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", f->context.ref_name);
	ci_variables_set_text(v, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", STR(DEFAULT_BRANCH));
}

/* Design: testing for what is no branch of the path, staging for stage, production for main. */
static struct str environment_of(const struct ci_context *c)
{
	if (c->source == CI_SOURCE_MERGE_REQUEST || c->is_tag)
		return STR("testing");
	if (str_eq(c->ref_name, STR(DEFAULT_BRANCH)))
		return STR("production");
	return str_eq(c->ref_name, STR("stage")) ? STR("staging") : STR("testing");
}

void ci_folder_set_predefined(struct ci_folder *f)
{
	const struct ci_context *c = &f->context;
	struct ci_variables *v = &f->predefined;

	ci_variables_set_text(v, "CI", STR("true"));
	ci_variables_set_text(v, "GITLAB_CI", STR("true"));
	ci_variables_set_text(v, "HEARTH", STR("true"));
	ci_variables_set_text(v, "HEARTH_ENVIRONMENT", environment_of(c));
	ci_variables_set_text(v, "CI_PIPELINE_SOURCE", str_c(ci_pipeline_source_name(c->source)));
	ci_variables_set_text(v, "CI_DEFAULT_BRANCH", STR(DEFAULT_BRANCH));
	ci_variables_set_text(v, "CI_COMMIT_REF_NAME", c->ref_name);
	ci_variables_set_text(v, "CI_COMMIT_REF_SLUG", ci_slug(f->arena, c->ref_name));
	if (c->is_tag)
		ci_variables_set_text(v, "CI_COMMIT_TAG", c->ref_name);
	else if (c->source != CI_SOURCE_MERGE_REQUEST)
		ci_variables_set_text(v, "CI_COMMIT_BRANCH", c->ref_name);
	if (c->source == CI_SOURCE_MERGE_REQUEST)
		set_merge_request(f);
}

int ci_folder_open(struct arena *a, const char *path, struct ci_folder *f, struct err *e)
{
	*f = (struct ci_folder){ .arena = a,
				 .root = dirname(arena_strdup(a, path)),
				 .file = str_c(basename(arena_strdup(a, path))),
				 .source = { f, folder_read, folder_list, folder_changed } };
	ci_variables_init(&f->predefined, a);
	ci_variables_init(&f->pipeline, a);
	f->context = (struct ci_context){ .repository = &f->source,
					  .ref_name = STR(DEFAULT_BRANCH),
					  .predefined = &f->predefined,
					  .pipeline = &f->pipeline };
	return fs_read(a, path, CI_FILE_MAX, &f->text, e);
}
