/*
 * The files of a commit as the pipeline planner asks for them (ci/source.h), and
 * the commit itself. Two doors to the same answers:
 *  - an operation that has said DECIDE and waits for verdicts (domain/landing):
 *    it sees what is only just being pushed;
 *  - a repository held by this process: what is there already.
 *
 * Ownership: the source lives in the arena and is good as long as what it reads
 * through. Threads: as that. Files are read through git/commit_files.h either
 * way, so both give the same bytes.
 */
#ifndef DOMAIN_COMMIT_SOURCE_H
#define DOMAIN_COMMIT_SOURCE_H

#include "ci/source.h"
#include "git/commit.h"
#include "git/operation.h"

/* What is asked about; all strings are borrowed for the life of the source. */
struct commit_subject {
	struct str sha;     /* 40 hex digits of a commit */
	struct str before;  /* `changed` compares with it; none or zeros: nothing to compare with */
	bool is_merge_base; /* ... with the merge base of the two: for merge requests */
};

struct commit_source {
	struct ci_source files; /* for ci_context.repository */
	struct arena *arena;
	struct commit_subject subject;
	struct git_operation *op; /* one of the two */
	struct repo *repo;
	int64_t deadline_ms; /* clock_monotonic_ms; ERR_BUSY after it */
	size_t bytes_left;   /* of lists of paths; what does not fit is not known */
};

/* Time for all questions of one planning, and memory for its lists of paths. */
#define COMMIT_SOURCE_SECONDS 30
#define COMMIT_SOURCE_BYTES ((size_t)8 << 20)

struct commit_source *commit_source_of_operation(struct arena *a, struct git_operation *op,
						 const struct commit_subject *subject);
struct commit_source *commit_source_of_repo(struct arena *a, struct repo *repo,
					    const struct commit_subject *subject);

/* ERR_NOT_FOUND if there is no such commit. */
MUST_USE int commit_source_commit(struct commit_source *source, struct arena *a,
				  struct commit *commit, struct err *e);
/* The commit an oid leads to: itself, or what a tag points to in the end. */
MUST_USE int commit_source_peel(struct commit_source *source, struct str oid, struct arena *a,
				struct str *sha, struct err *e);

/* The message of an annotated tag; none if the oid is no tag. */
MUST_USE int commit_source_tag_message(struct commit_source *source, struct str oid,
				       struct arena *a, struct str *message, struct err *e);

#endif
