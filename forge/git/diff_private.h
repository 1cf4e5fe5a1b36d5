/* Shared by diff.c, diff_hunks.c and diff_text.c; see diff.h. */
#ifndef GIT_DIFF_PRIVATE_H
#define GIT_DIFF_PRIVATE_H

#include "git/diff.h"
#include "git/libgit.h"
#include "git/tree_diff.h"

#define DIFF_CONTEXT_DEFAULT 3
#define DIFF_CONTEXT_MAX 100

/* The trees of two commits (zero: the empty tree), compared, renames paired. */
MUST_USE int diff_changes(struct repo *repo, const struct oid *old_commit,
			  const struct oid *new_commit, struct str path, size_t limit,
			  struct arena *a, struct tree_changes *changes, bool *renames_skipped,
			  struct err *e);

/* Both contents of a change and their patch; NULL patch: binary. Free with diff_contents_fini. */
struct diff_contents {
	git_odb_object *objects[2];
	struct str sides[2];
	git_patch *patch;
};
MUST_USE int diff_contents_read(struct repo *repo, const struct tree_change *change, size_t limit,
				const struct diff_options *options, struct diff_contents *contents,
				struct err *e);
void diff_contents_fini(struct diff_contents *contents);

/* How much of a diff's limits is used. */
struct diff_usage {
	size_t bytes;
	size_t lines;
};
/* Fills hunks, counts and `omitted` of a file that is no submodule. */
MUST_USE int diff_fill_hunks(struct repo *repo, const struct tree_change *change,
			     const struct diff_options *options, struct arena *a,
			     struct diff_usage *usage, struct diff_file *file, struct err *e);

#endif
