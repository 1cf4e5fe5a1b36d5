/*
 * Inside domain/landing*.c only: what a landing knows while it answers.
 */
#ifndef DOMAIN_LANDING_PRIVATE_H
#define DOMAIN_LANDING_PRIVATE_H

#include "domain/landing_merge.h"
#include "domain/merge_request.h"
#include "domain/pipeline_plan.h"
#include "domain/project.h"
#include "domain/protected_ref.h"
#include "domain/push_option.h"

struct landing_ref {
	struct str name;
	struct str old_oid;
	struct str new_oid;
	uint32_t facts;
	bool is_refused;
	enum err_code code; /* why, for landing_change_refs */
	struct str reason;
};

/* A pipeline that this landing makes, or why it makes none. */
struct landing_pipeline {
	size_t ref; /* whose it is */
	struct pipeline_planned planned;
	struct pipeline_made made; /* id 0: none was made */
};

/* GitLab's: of one push, so many refs get pipelines. */
#define LANDING_PIPELINE_REFS_MAX 4
#define LANDING_PIPELINES_MAX (2 * LANDING_PIPELINE_REFS_MAX)
/* Eight plans at their limits (CI_BYTES_MAX, COMMIT_SOURCE_BYTES, ...) and 5,000 refs fit. */
#define LANDING_MEMORY_MAX ((size_t)512 << 20)

struct landing {
	struct landing_request rq;
	struct git_operation *op;
	struct arena *arena;
	struct landing_ref *refs;
	size_t count;
	size_t room;
	struct str *options;
	size_t option_count;
	size_t option_room;
	bool is_first_push; /* of the project */
	struct project project;
	struct protected_refs protected_refs;
	struct push_options push_options;
	struct landing_pipeline *pipelines;
	size_t pipeline_count;
	bool has_more_refs;          /* than get pipelines */
	bool tests_result;           /* merge requests have theirs on the result, later */
	struct str variable_problem; /* a push option that could not be used; none */
	struct merge_requests
		*open;              /* of each ref: open merge requests from it; NULL: none asked */
	struct str request_problem; /* why a push option about them did nothing; none */
	bool has_settled;           /* the operation was given refs to settle */
	bool was_committed;         /* our transaction is done */
	bool was_renamed;           /* the operation said COMMITTED */
	bool was_told;              /* the operation's client has read how it ended */
	int64_t push_id;
	/* Of a merge: where its result goes, and who has the last word. */
	struct merge_outcome *outcome;
	struct arena *outcome_arena;
	landing_gate *gate;
	void *gate_closure;
	struct err failure; /* of one of our steps; the operation was told to abort */
};

MUST_USE int landing_say(struct landing *l, enum git_message_type type, struct err *e);
MUST_USE int landing_say_text(struct landing *l, enum git_message_type type, struct str text,
			      struct err *e);

/* landing_change.c: starts an operation without streams for the request's actor. */
MUST_USE int landing_start(const struct landing_request *request, enum git_op op, uint32_t flags,
			   struct landing **l, struct err *e);

MUST_USE int landing_send_change(struct landing *l, const struct landing_change *change,
				 struct err *e);
/* "Name <mail>", by git's grammar. */
struct str landing_person(struct landing *l, struct str name, struct str email);
/* The message of a tag or commit, in parts that fit a packet. */
MUST_USE int landing_send_text(struct landing *l, struct str message, const char *what,
			       struct err *e);
/* The policy's own code and sentence instead of the operation's "refused". */
int landing_first_refusal(const struct landing *l, int result, struct err *e);

/* landing_merge.c: what comes of a merge. */
MUST_USE int landing_take_conflict(struct landing *l, const struct git_message *m, struct err *e);
MUST_USE int landing_take_merged(struct landing *l, const struct git_message *m, struct err *e);

/* landing_policy.c: fills is_refused and reason of every ref. */
MUST_USE int landing_judge(struct landing *l, struct err *e);

/*
 * landing_plan.c: plans the pipelines of the refs that may land; reads through
 * the operation. An error refuses the whole push.
 */
MUST_USE int landing_plan(struct landing *l, struct err *e);
/* In the transaction: the pipelines whose refs still land. */
MUST_USE int landing_create_pipelines(struct landing *l, struct db *db, struct err *e);
/* After the refs were renamed: tells runners and pages. */
void landing_announce(struct landing *l);

/* landing_request.c: the open merge requests of the branches that land. */
MUST_USE int landing_find_requests(struct landing *l, struct err *e);
/* What push options want of them, after the transaction. Never fails: problems are told. */
void landing_change_requests(struct landing *l);
/* Is a person pushing, who reads what we say? */
bool landing_is_push(const struct landing *l);

/* landing_output.c: what the pusher reads, in at most ten lines. */
MUST_USE int landing_say_output(struct landing *l, struct err *e);

/* landing_record.c: the one transaction; sets push_id and was_committed. */
MUST_USE int landing_record(struct landing *l, struct err *e);
/* After the refs were renamed. */
MUST_USE int landing_clear_unsettled(struct landing *l, struct err *e);
/* Sends SETTLE for each ref of an unsettled push, then GO. */
MUST_USE int landing_send_settles(struct landing *l, struct err *e);
MUST_USE int landing_settled_all(struct landing *l, struct err *e);

/* Is the ref one that lands? */
static inline bool landing_lands(const struct landing_ref *ref)
{
	return !ref->is_refused;
}

#endif
