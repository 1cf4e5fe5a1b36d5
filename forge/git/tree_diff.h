/*
 * Which files differ between two trees, from raw trees: no contents are read.
 * Inside forge/git. Bounded in depth (TREE_DEPTH_MAX) and number, whatever the
 * trees of a stranger look like.
 */
#ifndef GIT_TREE_DIFF_H
#define GIT_TREE_DIFF_H

#include "git/repo.h"

struct tree_change {
	struct str path;
	struct str old_path; /* the same unless renamed */
	unsigned old_mode;   /* 0: not there */
	unsigned new_mode;
	struct oid old_oid;
	struct oid new_oid;
	int similarity; /* percent, of a rename */
};

struct tree_changes {
	struct tree_change *items; /* in git's order of paths */
	size_t count;
	size_t total; /* what there is; above limit only counted, and no further than that */
	bool is_more; /* counting ended too: total is a lower bound */
};

/* Zero trees are empty. limit: how many are kept; ten times as many are counted. */
MUST_USE int tree_diff(struct repo *repo, const struct oid *old_tree, const struct oid *new_tree,
		       struct str path, size_t limit, struct arena *a, struct tree_changes *changes,
		       struct err *e);

/*
 * Pairs of a deleted and an added file become one rename, by git's own measure
 * of similarity (at least half). *skipped: there were more than `most` of either
 * kind, or comparing them would have cost too much; then only files that are
 * wholly the same are paired.
 */
MUST_USE int tree_diff_renames(struct repo *repo, size_t most, struct tree_changes *changes,
			       bool *skipped, struct err *e);

#endif
