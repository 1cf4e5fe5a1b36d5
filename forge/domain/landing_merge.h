/*
 * Landings that make a commit out of two: the operation merge (roles/git_merge.c)
 * and its check. For domain/merge*.c; everybody else merges through domain/merge.h.
 *
 * Threads: one call, one thread. No connection may be held by the caller.
 */
#ifndef DOMAIN_LANDING_MERGE_H
#define DOMAIN_LANDING_MERGE_H

#include "base/list.h"
#include "domain/landing.h"

struct merge_outcome {
	uint32_t flags;        /* GIT_MERGE_* */
	struct str merge_base; /* none: no common history */
	struct str oid;        /* of a check the tree, else the commit */
	struct str_list conflicts;
};

/* Would theirs fit into ours? Nothing is changed. Both are commits of the project. */
MUST_USE int landing_check_merge(const struct landing_request *request, struct str ours,
				 struct str theirs, struct arena *a, struct merge_outcome *outcome,
				 struct err *e);

/*
 * Inside the landing's transaction, after its rows are written, with the project
 * locked: last words. An error undoes everything and is what the caller gets.
 * May be called again after a deadlock. commit: what the ref will point to.
 */
typedef int landing_gate(struct db *db, int64_t push_id, struct str commit, void *closure,
			 struct err *e);

struct landing_merge {
	enum git_merge_kind kind; /* not CHECK */
	struct str ref;           /* full name of what moves; REVERT: of what is made */
	struct str ours;          /* where ref stands; REVERT, RESULT: where the target stands */
	struct str theirs;        /* REVERT: where the merge led to */
	struct str base;        /* REVERT: where it came from; RESULT: where ref stands, or none */
	struct str message;     /* not for FAST_FORWARD */
	struct str author_name; /* none: the actor */
	struct str author_email;
	const struct landing_change *changes; /* besides, in the same landing */
	size_t changes_count;
	landing_gate *gate; /* NULL: none */
	void *closure;
};

/* ERR_CONFLICT: they do not fit (outcome->conflicts), or a ref moved meanwhile. */
MUST_USE int landing_merge(const struct landing_request *request, const struct landing_merge *merge,
			   struct arena *a, struct merge_outcome *outcome, struct err *e);

#endif
