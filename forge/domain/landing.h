/*
 * Landing: the one way refs change (push, page, API, merge). The front's half;
 * the other half is the git operation at the end of git.sock.
 *
 *	policy and plan (before any lock) -> landing lock -> settle what a crash left ->
 *	objects installed, refs locked, old values compared -> one transaction ->
 *	refs renamed -> acknowledged -> unsettled cleared
 *
 * The transaction is the commit point. It inserts push, push_refs and outbox,
 * sets the refs' last recorded values, and raises project.unsettled; a crash
 * before it changes nothing, a crash after it is redone by whoever sees
 * unsettled > 0 (landing_settle). If its outcome is unknown, landing reads the
 * push by its id, taken before; if the database stays away the refs are
 * aborted and the pusher is told.
 *
 * Row order inside it: project, push, ref, push_ref, merge_request, pipeline, job,
 * outbox, housekeeping.
 *
 * Ownership: the caller's strings live as long as the landing.
 * Threads: one landing, one thread at a time. It holds a connection only while
 * it asks policy and in the transaction.
 */
#ifndef DOMAIN_LANDING_H
#define DOMAIN_LANDING_H

#include "base/arena.h"
#include "domain/types.h"
#include "git/operation.h"

struct actor;
struct db;
struct db_pool;
struct instance;

/* Where it came from, as stored. */
#define PUSH_SOURCES(X)   \
	X(SSH, "ssh")     \
	X(HTTP, "http")   \
	X(PAGE, "page")   \
	X(API, "api")     \
	X(MERGE, "merge") \
	X(SYSTEM, "system")

enum push_source {
#define PUSH_SOURCE_ENUM(name, word) PUSH_SOURCE_##name,
	PUSH_SOURCES(PUSH_SOURCE_ENUM)
#undef PUSH_SOURCE_ENUM
};

const char *push_source_word(enum push_source source);

struct landing_request {
	struct db_pool *db;
	const char *run;                 /* folder of git.sock */
	const struct instance *instance; /* NULL only where nobody waits for pipelines (SYSTEM) */
	const struct actor *actor;
	struct project_id project;
	struct str project_path; /* for sentences: "group/name" */
	struct str project_url;  /* shown after the first push; none: not shown */
	enum push_source source;
};

struct landing;

/* Takes the operation: landing_close closes it, which kills it unless it is done. */
struct landing *landing_open(const struct landing_request *request, struct git_operation *op);
void landing_close(struct landing *l); /* NULL is fine */

/*
 * Answers one message of the operation. For fronts that also relay bytes: poll
 * git_operation_fd and the streams, and step when the former is readable (it
 * blocks at most for a database query). *is_done: the operation has ended; the
 * result is its own error. A refused ref is not an error of the landing.
 */
MUST_USE int landing_step(struct landing *l, bool *is_done, struct err *e);

/* landing_step until done: for fronts whose streams somebody else relays. */
MUST_USE int landing_serve(struct landing *l, struct err *e);

int landing_fd(const struct landing *l);

/* What happened, after it is done; for log lines and metrics. */
struct landing_result {
	int64_t push_id; /* 0: nothing was recorded */
	size_t landed;
	size_t refused;
	bool was_told; /* git has told the pusher how it ended */
};
struct landing_result landing_result(const struct landing *l);

/* A change of refs by page, API or merge. Zero old: must not exist; zero new: delete. */
struct landing_change {
	struct str name;    /* full */
	struct str old_oid; /* hex; none: whatever it is now */
	struct str new_oid; /* hex of an object that is in the repository */
	/*
	 * Not none, for a name below refs/tags/ and a new_oid that is a commit: the
	 * ref gets an annotated tag of it with this message, by the actor, now.
	 */
	struct str tag_message;
};

/* Of tags and commits. */
#define LANDING_MESSAGE_MAX 65536
/* ERR_UNPROCESSABLE if it is no message; what: "tag", "commit". Landings ask it, too. */
MUST_USE int landing_check_text(struct str message, const char *what, struct err *e);

/*
 * All changes or none, by the same policy and path as a push. A refusal is
 * ERR_FORBIDDEN or ERR_CONFLICT with the sentence.
 */
MUST_USE int landing_change_refs(const struct landing_request *request,
				 const struct landing_change *changes, size_t count, struct err *e);

/* Points HEAD at a branch ("main"), existing or not. The project row is the caller's. */
MUST_USE int landing_set_head(const struct landing_request *request, struct str branch,
			      struct err *e);

/*
 * Finishes what a crashed landing left. *was_busy: a landing is alive (it holds
 * the lock), nothing was done; serve the old refs. The request's actor and
 * source are not used.
 */
MUST_USE int landing_settle(const struct landing_request *request, bool *was_busy, struct err *e);
/* Projects that need it, or have a landing going on; at most 1,000. */
MUST_USE int landing_list_unsettled(struct db *db, struct arena *a, struct project_id **ids,
				    size_t *count, struct err *e);
/* The same, and left-overs of dead operations (quarantines, lock files) go too: at boot. */
MUST_USE int landing_reset(const struct landing_request *request, bool *was_busy, struct err *e);

/* A look without the lock: are the refs what was recorded last? */
struct ref_snapshot;
MUST_USE int landing_agrees(struct db *db, struct project_id project,
			    const struct ref_snapshot *disk, struct arena *a, bool *agrees,
			    struct err *e);

/*
 * Compares the refs on disk (below `data`) with their last recorded values,
 * under the landing lock. What differs was changed behind Hearth's back: it is
 * recorded as a push by the system, so that the books are right again.
 * *differences counts the refs; it must be nothing.
 */
MUST_USE int landing_reconcile(const struct landing_request *request, const char *data,
			       size_t *differences, bool *was_busy, struct err *e);

#endif
