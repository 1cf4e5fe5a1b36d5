/*
 * Inside forge/git only: libgit2's header and our words for its results.
 * Nothing above forge/git includes this.
 */
#ifndef GIT_LIBGIT_H
#define GIT_LIBGIT_H

#include <git2.h>

#include "git/repo.h"

/* Counted; the first sets the options. Pairs with libgit_close. */
MUST_USE int libgit_open(struct err *e);
void libgit_close(void);

/* Opens a bare repository without looking at anything around it. */
MUST_USE int libgit_open_folder(const char *path, git_repository **repository, struct err *e);

/* ERR_NOT_FOUND for "no such object", else ERR_UNAVAILABLE with libgit2's text. */
int libgit_error(int result, struct err *e, const char *doing) MUST_USE;

git_oid libgit_oid(const struct oid *oid);
struct oid libgit_from_oid(const git_oid *oid);

/* The handle of a held repository, for this folder's code. */
git_repository *repo_handle(struct repo *repo);
git_odb *repo_odb(struct repo *repo);

#define LIBGIT_AUTO(type, closer)                                  \
	static inline void libgit_auto_##type(git_##type **object) \
	{                                                          \
		closer(*object);                                   \
		*object = NULL;                                    \
	}                                                          \
	_Static_assert(sizeof(git_##type *) == sizeof(void *), "a pointer")
LIBGIT_AUTO(commit, git_commit_free);
LIBGIT_AUTO(tree, git_tree_free);
LIBGIT_AUTO(tree_entry, git_tree_entry_free);
LIBGIT_AUTO(blob, git_blob_free);
LIBGIT_AUTO(tag, git_tag_free);
LIBGIT_AUTO(object, git_object_free);
LIBGIT_AUTO(odb_object, git_odb_object_free);
LIBGIT_AUTO(diff, git_diff_free);
LIBGIT_AUTO(patch, git_patch_free);
/* AUTO_GIT(commit) c = NULL; frees at the end of the scope. */
#define AUTO_GIT(type) __attribute__((cleanup(libgit_auto_##type))) git_##type *

#endif
