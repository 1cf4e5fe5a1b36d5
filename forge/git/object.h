/*
 * Raw objects, inside forge/git only. Trees and commits are parsed here and in
 * commit.c rather than by libgit2: what a stranger pushed years ago may be
 * malformed in ways at which libgit2 gives up whole, and a walk over history
 * needs three fields of an object, not an allocated tree of it.
 */
#ifndef GIT_OBJECT_H
#define GIT_OBJECT_H

#include "git/libgit.h"

#define OBJECT_TREE_MAX ((size_t)64 << 20)
#define OBJECT_COMMIT_MAX ((size_t)8 << 20)

/*
 * ERR_NOT_FOUND: no such object, or one of another kind. ERR_TOO_LARGE above
 * limit, found before anything is inflated. Free with git_odb_object_free.
 */
MUST_USE int object_read(struct repo *repo, const struct oid *oid, git_object_t kind, size_t limit,
			 git_odb_object **object, struct err *e);
struct str object_bytes(git_odb_object *object);

struct raw_entry {
	unsigned mode;
	struct str name;
	struct oid oid;
};

#define RAW_MODE_FOLDER 0040000u
#define RAW_MODE_LINK 0120000u
#define RAW_MODE_MODULE 0160000u
#define RAW_MODE_KIND 0170000u

/* The next entry of a tree's bytes; false at the end, and at bytes that are no entry. */
MUST_USE bool raw_tree_next(struct str *rest, struct raw_entry *entry);
MUST_USE bool raw_tree_find(struct str tree, struct str name, struct raw_entry *entry);
bool raw_is_folder(const struct raw_entry *entry);
/* git's order: a folder sorts as if its name ended in '/'. */
int raw_entry_cmp(const struct raw_entry *a, const struct raw_entry *b);

/*
 * The entry at path below the tree; *found false if nothing is there. The empty
 * path is the tree itself. A path deeper than TREE_DEPTH_MAX is not there.
 */
MUST_USE int object_at_path(struct repo *repo, const struct oid *tree, struct str path, bool *found,
			    struct raw_entry *entry, struct err *e);

#endif
