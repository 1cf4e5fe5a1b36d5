/*
 * Forks: a project that begins as a copy of another, for people who may read that
 * one and not push to it. Merge requests may go from a fork to its source
 * (domain/merge_request_fork.h).
 *
 *	copying -> ready     every branch and tag of the source is here
 *	copying -> failed    the source is gone, may not be read any more, or it did not
 *	                     work out FORK_ATTEMPTS_MAX times; the sentence is the owner's
 *
 * project_fork makes the rows; `work` copies (fork_copy_next), by the only way refs
 * come in, a landing. A copy that died in the middle is taken up again: what is
 * there already stays, so a person may push meanwhile. A fork has all its objects
 * itself, so nothing that happens to the source changes it.
 *
 * A fork is not more visible than its source: asked when it is made and whenever
 * its own visibility changes. Who may see the source is asked again each time it
 * is named. A source that becomes less visible later leaves its forks as they are:
 * they hold what could be read then.
 */
#ifndef DOMAIN_FORK_H
#define DOMAIN_FORK_H

#include "base/list.h"
#include "domain/access.h"
#include "domain/event.h"

#define FORK_ATTEMPTS_MAX 6

enum fork_state { FORK_COPYING, FORK_READY, FORK_FAILED };

struct fork_new {
	struct namespace_id namespace; /* 0: the actor's own */
	struct str segment;            /* none: as the source */
	struct str name;               /* none: as the source */
	struct str description;        /* none: as the source */
	bool has_visibility;           /* else as the source, or as wide as the group allows */
	enum visibility visibility;
};

/*
 * By people only. Checks PROJECT_FORK and CODE_READ of the source and PROJECT_CREATE
 * in the namespace. ERR_CONFLICT: the address is taken.
 */
MUST_USE int project_fork(struct db *db, const struct actor *actor, struct project_id source,
			  const struct fork_new *in, struct arena *a, struct project *project,
			  struct err *e);

/* How a project is related to others; whether the source may be named, ask access. */
struct fork_facts {
	struct project_id project;
	bool is_fork;
	struct project_id source; /* 0: none, or it was deleted */
	enum fork_state state;
	struct str error; /* of FORK_FAILED; else none */
	int64_t forks;    /* made from this one, and alive */
};

/* In any order; a project that does not exist has none. */
MUST_USE int fork_facts_list(struct db *db, struct i64_list projects, struct arena *a,
			     struct fork_facts **facts, size_t *count, struct err *e);
MUST_USE int fork_facts_get(struct db *db, struct project_id project, struct arena *a,
			    struct fork_facts *facts, struct err *e);

/* Inside a change of visibility: ERR_UNPROCESSABLE if the project would be wider than its source.
 */
MUST_USE int fork_check_visibility(struct db *db, struct project_id project, enum visibility wanted,
				   struct arena *a, struct err *e);

/*
 * Copies the next fork that is due. What fails is noted and tried again; an error
 * means that not even that could be done.
 */
MUST_USE int fork_copy_next(const struct event_context *context, struct arena *a, bool *found,
			    struct err *e);

#endif
