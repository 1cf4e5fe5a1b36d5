#include "runner/workspace.h"

#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static int make_own_folder(const char *path, const struct slot *slot, struct err *e)
{
	if (mkdir(path, 0700) < 0)
		return err_errno(e, errno, "make folder %s", path);
	if (slot->has_user && chown(path, slot->uid, slot->gid) < 0)
		return err_errno(e, errno, "hand over folder %s", path);
	return 0;
}

/* The project's path from its URL, with nothing in it that could leave the folder. */
static struct str project_path(struct arena *a, const struct job *job)
{
	struct str path = job_variable_value(job, "CI_PROJECT_PATH");
	char *clean = arena_cstr(a, str_is_empty(path) ? STR("project") : path);

	for (char *c = clean; *c; c++)
		if (!((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
		      (*c >= '0' && *c <= '9') || strchr("._-/", *c)))
			*c = '_';
	for (char *at = strstr(clean, ".."); at; at = strstr(clean, ".."))
		at[0] = at[1] = '_';
	while (*clean == '/')
		clean++;
	return str_c(clean);
}

/* Our own names begin with a dot, which no group and no person's name does. */
int workspace_make(struct arena *a, const char *builds, const struct slot *slot,
		   const struct job *job, struct workspace *w, struct err *e)
{
	char *files;

	w->root = arena_strf(a, "%s/%d", builds, slot->number);
	files = arena_strf(a, "%s/.files", w->root);
	w->home = arena_strf(a, "%s/.home", w->root);
	w->tmp = arena_strf(a, "%s/.tmp", w->root);
	w->script = arena_strf(a, "%s/.script", w->root);
	w->place = (struct script_place){
		.builds = w->root,
		.project = arena_strf(a, "%s/%.*s", w->root, STR_FMT(project_path(a, job))),
		.files = files,
		.slot = slot->number,
	};
	if (fs_make_open_folder(builds, e) < 0 || fs_remove_tree(w->root, e) < 0 ||
	    make_own_folder(w->root, slot, e) < 0 || make_own_folder(w->home, slot, e) < 0 ||
	    make_own_folder(w->tmp, slot, e) < 0 || make_own_folder(files, slot, e) < 0)
		return err_add(e, "prepare the workspace");
	return 0;
}

int workspace_write_script(const struct workspace *w, const struct slot *slot, struct str text,
			   struct err *e)
{
	AUTO_FD fd = -1;

	/* The folder is the job's: whatever stands there now is not followed. */
	unlink(w->script);
	fd = open(w->script, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400);
	if (fd < 0)
		return err_errno(e, errno, "write %s", w->script);
	if (slot->has_user && fchown(fd, slot->uid, slot->gid) < 0)
		return err_errno(e, errno, "hand over %s", w->script);
	return fs_write_all(fd, text, e);
}

int workspace_remove(const struct workspace *w, struct err *e)
{
	return fs_remove_tree(w->root, e);
}
