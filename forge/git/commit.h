/*
 * Commits: one, lists along history, and the relation of two.
 *
 * Every text in a struct commit is valid UTF-8 (other encodings are converted
 * if the commit names ISO-8859-1, else bad bytes become U+FFFD) and bounded
 * (COMMIT_MESSAGE_MAX, COMMIT_NAME_MAX), because a push may carry anything.
 *
 * Ownership: results live in the given arena. Threads: as the repo.
 */
#ifndef GIT_COMMIT_H
#define GIT_COMMIT_H

#include "base/clock.h"
#include "git/repo.h"

#define COMMIT_MESSAGE_MAX (64 * 1024)
#define COMMIT_NAME_MAX 256
#define COMMIT_PARENTS_MAX 64

struct person {
	struct str name;
	struct str email;
	struct instant when;
	int offset_minutes; /* of the person's time zone */
};

enum signature_kind { SIGNATURE_NONE, SIGNATURE_GPG, SIGNATURE_SSH, SIGNATURE_X509 };

struct commit {
	struct oid oid;
	struct oid tree;
	struct oid *parents;
	size_t parents_count; /* cut at COMMIT_PARENTS_MAX */
	struct person author;
	struct person committer;
	struct str subject; /* first paragraph, joined to one line */
	struct str body;    /* the rest, trimmed */
	struct str message; /* whole */
	bool message_is_cut;
	enum signature_kind signature; /* present, not verified */
};

/* ERR_NOT_FOUND if there is no such commit. */
MUST_USE int commit_get(struct repo *repo, const struct oid *oid, struct arena *a,
			struct commit *commit, struct err *e);

/*
 * From an object's bytes (an operation's answer). Never fails: fields that
 * cannot be read are empty. Copies into the arena.
 */
void commit_parse(const struct oid *oid, struct str bytes, struct arena *a, struct commit *commit);

struct commit_query {
	struct oid from;
	struct oid not_from;  /* zero, or: leave out what is reachable from here (compare) */
	struct str path;      /* "" or a file or folder whose history is asked for */
	struct str author;    /* "" or a part of name or e-mail, case-blind */
	struct str text;      /* "" or a part of the message, case-blind */
	struct instant since; /* us 0 = none; committer time */
	struct instant until;
	bool first_parent;
	size_t skip;
	size_t limit; /* at most COMMIT_LIST_MAX; 1 asks for the newest alone: no has_more */
};
#define COMMIT_LIST_MAX 1000

struct commit_list {
	struct commit *commits; /* newest first, as `git log --date-order`-like walks give them */
	size_t commits_count;
	bool has_more;
	/*
	 * The budget ended first: older ones may exist. With not_from the list is
	 * empty then, since what was found might still have been excluded.
	 */
	bool gave_up;
};

MUST_USE int commit_list(struct repo *repo, const struct commit_query *query, struct budget budget,
			 struct arena *a, struct commit_list *list, struct err *e);

/*
 * The newest commit up to `from` that changed the path, as `git log -1 -- path`
 * says. *found false: there is none, or the budget ended first.
 */
MUST_USE int commit_last(struct repo *repo, const struct oid *from, struct str path,
			 struct budget budget, struct arena *a, bool *found, struct commit *commit,
			 struct err *e);

/* *found false: the histories have nothing in common. The best one if there are several. */
MUST_USE int commit_merge_base(struct repo *repo, const struct oid *one, const struct oid *two,
			       bool *found, struct oid *base, struct err *e);

/* Is `ancestor` reachable from `commit` (or the same)? */
MUST_USE int commit_is_ancestor(struct repo *repo, const struct oid *ancestor,
				const struct oid *commit, bool *yes, struct err *e);

/* Commits only in `ours`, only in `theirs`. complete false: at least these numbers (budget). */
struct ahead_behind {
	size_t ahead;
	size_t behind;
	bool complete;
};
MUST_USE int commit_ahead_behind(struct repo *repo, const struct oid *ours,
				 const struct oid *theirs, struct budget budget,
				 struct ahead_behind *result, struct err *e);

/* Commits reachable from `from`, for "1,234 commits". */
MUST_USE int commit_count(struct repo *repo, const struct oid *from, struct budget budget,
			  size_t *count, bool *complete, struct err *e);

#endif
