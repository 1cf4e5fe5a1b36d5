/*
 * What a pipeline planner reads of one commit, in the four questions of
 * enum git_read (git/message.h). Asked by domain/commit_source of a repository
 * that is held, and by roles/git_read inside an operation, where the objects of
 * a push are visible too: both give the same answers.
 *
 * Ownership: results live in the given arena. Threads: as the repo.
 */
#ifndef GIT_COMMIT_FILES_H
#define GIT_COMMIT_FILES_H

#include "base/list.h"
#include "git/repo.h"

#define COMMIT_FILES_MAX 100000 /* paths told of one tree */
#define COMMIT_CHANGED_MAX 10000

/*
 * A regular file by its path from the root. ERR_NOT_FOUND: no such commit or
 * file (a folder, link or submodule is none); ERR_TOO_LARGE above limit.
 */
MUST_USE int commit_file(struct repo *repo, const struct oid *commit, struct str path, size_t limit,
			 struct arena *a, struct str *bytes, struct err *e);

struct commit_paths {
	struct str_list paths;
	bool is_cut; /* there are more */
};

MUST_USE int commit_files(struct repo *repo, const struct oid *commit, struct arena *a,
			  struct commit_paths *files, struct err *e);

/*
 * Paths that differ between two commits, of renamed files both. from_base: what
 * `commit` changed since it left `other`; without a common history everything
 * in it has.
 */
MUST_USE int commit_changed(struct repo *repo, const struct oid *other, const struct oid *commit,
			    bool from_base, struct arena *a, struct commit_paths *changed,
			    struct err *e);

/* The commit that `oid` is, or that it as a tag leads to, and its bytes. */
MUST_USE int commit_bytes(struct repo *repo, const struct oid *oid, struct arena *a,
			  struct oid *commit, struct str *bytes, struct err *e);

#define TAG_MESSAGE_SHOWN_MAX 65536

/* The message of an annotated tag as valid UTF-8, without a signature. ERR_NOT_FOUND: it is none.
 */
MUST_USE int tag_message(struct repo *repo, const struct oid *tag, struct arena *a,
			 struct str *message, struct err *e);

#endif
