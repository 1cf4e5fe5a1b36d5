/*
 * Reading repositories. A process opens one git_reader at its start (it sets
 * up libgit2 and holds a bounded pool of handles and the caches over immutable
 * objects); a request acquires a repository from it, reads, and releases it.
 *
 *	struct repo *repo;
 *	if (repo_acquire(app->reader, project_id, &repo, e)) return -e->code;
 *	arena_link(rq->arena, repo_closer, repo);       (or repo_release at the end)
 *	repo_locate(repo, rq_ref_path, arena, &at, e)   "feature/x/src/main.c" -> commit + path
 *
 * A repo sees the refs as they were when it was acquired (repo_refs): every
 * page of one request speaks about the same commits.
 *
 * What it never does: write anything, run git, read system or user
 * configuration, evaluate revision expressions. A stranger's text is a name of
 * an existing ref, or hex.
 *
 * Threads: git_reader any; a repo belongs to one thread between acquire and
 * release. Sources: forge/git/README.md.
 */
#ifndef GIT_REPO_H
#define GIT_REPO_H

#include "git/oid.h"
#include "git/ref_snapshot.h"

struct git_reader;
struct repo;

/* data: the instance's data directory (repositories are found by git/layout.h). */
MUST_USE int git_reader_open(const char *data, struct git_reader **reader, struct err *e);
void git_reader_close(struct git_reader *reader);
/* Drops handles and cached refs of a project that was deleted, restored or imported over. */
void git_reader_forget(struct git_reader *reader, int64_t project_id);

/* ERR_NOT_FOUND if the project has no repository on disk; ERR_UNAVAILABLE if it is damaged. */
MUST_USE int repo_acquire(struct git_reader *reader, int64_t project_id, struct repo **repo,
			  struct err *e);
/* The same for a folder that is no project's: operations inside the sandbox, tests. */
MUST_USE int repo_acquire_path(struct git_reader *reader, const char *path, struct repo **repo,
			       struct err *e);
/*
 * Objects alone, with those of a quarantine folder: for operations. It sees no
 * refs (repo_refs must not be asked), is not pooled, and is closed by
 * repo_close_objects before the reader. quarantine: an absolute path, or NULL.
 */
MUST_USE int repo_open_objects(struct git_reader *reader, const char *path, const char *quarantine,
			       struct repo **repo, struct err *e);
void repo_close_objects(struct repo *repo); /* NULL is fine */

enum object_kind { OBJECT_NONE, OBJECT_COMMIT, OBJECT_TREE, OBJECT_BLOB, OBJECT_TAG };
/* What an object is, by its header; OBJECT_NONE: it is not there. */
MUST_USE int repo_object_kind(struct repo *repo, const struct oid *oid, enum object_kind *kind,
			      struct err *e);

/* NULL is fine. */
void repo_release(struct repo *repo);
/* repo_release for arena_link. */
void repo_closer(void *repo);

/* The refs of this request; lives as long as the repo is held. Never NULL. */
const struct ref_snapshot *repo_refs(const struct repo *repo);

/*
 * The commit a person named: a branch, a tag (peeled), a full refname, HEAD, or
 * 7 to 40 hex digits of a commit that a visible ref leads to (git/reach.h).
 * Branches win over tags, refs over hex. A commit that a row of the database
 * names needs none of this: oid_parse.
 * ERR_NOT_FOUND with a sentence; ERR_INVALID if hex is ambiguous.
 */
MUST_USE int repo_resolve(struct repo *repo, struct str name, struct oid *commit, struct err *e);

enum ref_kind { REF_KIND_BRANCH, REF_KIND_TAG, REF_KIND_COMMIT, REF_KIND_OTHER };

/* Where a person stands: "<ref>/<path>" of a URL, taken apart. */
struct place {
	struct str ref;      /* as it stood in the URL: "feature/x", "v1", "83e9928..." */
	struct str full_ref; /* "refs/heads/feature/x"; none for a commit */
	enum ref_kind kind;
	struct oid commit;
	struct str path; /* no leading or trailing '/', "" is the root */
};

/*
 * The longest existing ref that is a prefix of ref_path at a '/', else hex.
 * The path is checked for shape only (no empty, "." or ".." part, <= 4096
 * bytes), not for existence. "" is the default branch's root.
 * ERR_NOT_FOUND: no such ref, or the repository is empty (then the text says so).
 */
MUST_USE int repo_locate(struct repo *repo, struct str ref_path, struct arena *a,
			 struct place *place, struct err *e);

/* "main" of HEAD's "refs/heads/main", even if that branch has no commit yet. */
struct str repo_default_branch(const struct repo *repo);
/* True if no branch and no tag exists. */
bool repo_is_empty(const struct repo *repo);

/*
 * What a walk may cost. It ends early, with what it has and a flag, when the
 * deadline (clock_monotonic_ms; 0 = none) or the number of commits looked at
 * (0 = none) is reached.
 */
struct budget {
	int64_t deadline_ms;
	size_t steps;
};

/* For a page: 1500 ms, 200,000 commits. For an operation in its own process: 15 s. */
struct budget budget_page(void);
struct budget budget_operation(void);

#endif
