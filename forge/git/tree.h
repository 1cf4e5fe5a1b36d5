/*
 * Folders and files of a commit.
 *
 * Names in a repository are bytes. `name` and `path` carry them as they are
 * (for URLs, which percent-encode, and for lookups); `label` is for people:
 * valid UTF-8 with U+FFFD for the rest.
 *
 * Ownership: results live in the given arena. Threads: as the repo.
 */
#ifndef GIT_TREE_H
#define GIT_TREE_H

#include "git/commit.h"

#define TREE_PATH_MAX 4096
#define TREE_DEPTH_MAX 512
#define TREE_ENTRIES_MAX 10000 /* shown of one folder */

enum entry_kind {
	ENTRY_FOLDER,
	ENTRY_FILE,
	ENTRY_EXECUTABLE,
	ENTRY_SYMLINK,
	ENTRY_SUBMODULE,
};

struct tree_entry {
	struct str name;
	struct str label;
	struct str path; /* from the root */
	enum entry_kind kind;
	unsigned mode; /* 0100644, ... */
	struct oid oid;
	struct str submodule_url; /* from .gitmodules, none if not there; not checked, not a link */
};

struct tree_listing {
	struct oid tree;
	struct tree_entry *entries; /* folders first, then by name */
	size_t entries_count;
	size_t total; /* > entries_count: cut at TREE_ENTRIES_MAX */
};

/* The folder at path ("" = root). ERR_NOT_FOUND: nothing there, or it is no folder. */
MUST_USE int tree_list(struct repo *repo, const struct oid *commit, struct str path,
		       struct arena *a, struct tree_listing *listing, struct err *e);

/* One entry by path; the root itself is a folder with an empty name. */
MUST_USE int tree_find(struct repo *repo, const struct oid *commit, struct str path,
		       struct arena *a, struct tree_entry *entry, struct err *e);

/*
 * All paths of files below path, in git's order; for "find file" and for
 * `rules:changes` patterns. Bounded by limit (at most 100,000), depth and 16 MB of paths.
 */
struct tree_paths {
	struct str *paths;
	size_t paths_count;
	bool is_cut;
};
MUST_USE int tree_files(struct repo *repo, const struct oid *commit, struct str path, size_t limit,
			struct arena *a, struct tree_paths *files, struct err *e);

/*
 * The commit that last changed each entry of a listing, as `git log -1 -- path`
 * gives it. `known` false: the budget ended first; the page shows names without
 * it. Complete answers are cached by (commit, path).
 */
struct last_change {
	bool known;
	struct commit commit; /* oid, subject, author and committer; the rest is empty */
};
struct last_changes {
	struct last_change *items; /* items[i] belongs to listing->entries[i] */
	size_t items_count;
	bool complete;
};
MUST_USE int tree_last_changes(struct repo *repo, const struct oid *commit, struct str path,
			       const struct tree_listing *listing, struct budget budget,
			       struct arena *a, struct last_changes *changes, struct err *e);

#endif
