/* The operations init and remove: a repository's folder comes and goes. */
#include "roles/git_child.h"

#include "base/fs.h"
#include "git/layout.h"

#include <dirent.h>
#include <errno.h>

static const char repo_config[] = "[core]\n"
				  "\trepositoryformatversion = 0\n"
				  "\tfilemode = true\n"
				  "\tbare = true\n";

static int check_branch(struct git_child *c, struct err *e)
{
	return git_refname_check(arena_fmt(c->arena, "refs/heads/%s", c->rq.name), e);
}

int git_op_init(struct git_child *c, struct err *e)
{
	static const char *const folders[] = { "objects/info", "objects/pack", "refs/heads",
					       "refs/tags" };
	const char *head = git_child_path(c, "HEAD");

	if (check_branch(c, e) < 0)
		return -(int)e->code;
	if (fs_exists(head))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (fs_make_folder(git_child_path(c, "%s", folders[i]), 0700, e) < 0)
			return -(int)e->code;
	if (fs_write_atomic(git_child_path(c, "config"), STR(repo_config), 0600, e) < 0)
		return -(int)e->code;
	/* HEAD last: it is what makes the folder a repository. */
	return fs_write_atomic(head, arena_fmt(c->arena, "ref: refs/heads/%s\n", c->rq.name), 0600,
			       e);
}

/* c->repo is the trash; whatever lies there was removed by a rename before. */
int git_op_remove(struct git_child *c, struct err *e)
{
	DIR *trash = opendir(c->repo);
	struct dirent *entry;
	int failed = 0;

	if (!trash)
		return err_errno(e, errno, "open %s", c->repo);
	while (!failed && (entry = readdir(trash)))
		if (entry->d_name[0] != '.')
			failed = fs_remove_tree(git_child_path(c, "%s", entry->d_name), e);
	closedir(trash);
	return failed;
}
