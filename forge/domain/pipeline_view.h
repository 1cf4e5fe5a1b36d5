/*
 * Pipelines as pages, API and badges read them: rows with what people want to
 * know beside them, lists by filter, and the latest one of a branch or commit.
 * Nothing here locks or changes anything; acts are in pipeline_change.h and job.h.
 *
 * The caller has checked PIPELINE_READ on the project; every row is read through
 * its project, so an id of another project is not found.
 * Ownership: the caller's arena. Threads: those of db.
 */
#ifndef DOMAIN_PIPELINE_VIEW_H
#define DOMAIN_PIPELINE_VIEW_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"
#include "ci/status.h"
#include "domain/types.h"

struct db;

/* Who started a pipeline or a job; id 0: nobody, or somebody who is gone. */
struct pipeline_user {
	struct user_id id;
	struct str username;
	struct str name;
};

struct pipeline {
	struct pipeline_id id;
	int64_t iid;
	struct project_id project;
	struct str source;   /* ci_pipeline_source_name */
	struct str ref;      /* in full */
	struct str ref_name; /* branch or tag; of a merge request its source branch */
	bool is_tag;
	bool is_protected;
	struct str sha;
	struct str before_sha;
	enum ci_status status;
	bool has_warnings; /* success, but a job that was allowed to fail did */
	struct str name;   /* workflow:name, or none */
	struct pipeline_user user;
	struct str config_error; /* none: the file was valid */
	struct str config_file;
	int32_t config_line, config_column; /* 0: not known */
	int64_t jobs;                       /* latest ones */
	struct instant created_at, updated_at;
	bool has_started_at, has_finished_at;
	struct instant started_at, finished_at;
	double running_seconds; /* in which at least one job ran */
	double queued_seconds;  /* until the first job ran */
};

struct pipelines {
	struct pipeline *items;
	size_t count;
	int64_t total; /* counted up to PIPELINE_TOTAL_MAX + 1 */
};

#define PIPELINE_TOTAL_MAX 10000

/* None or zero: any. */
struct pipeline_filter {
	struct str ref_name;
	struct str status; /* ci_status_name, or "running,pending": several */
	struct str source;
	struct str sha;
	struct str username;
	struct str name;
	const char
		*scope; /* "running", "pending", "finished", "branches", "tags"; GitLab's words */
	bool has_invalid_file; /* only those with a config_error */
	bool has_updated_after, has_updated_before;
	struct instant updated_after, updated_before;
	bool is_oldest_first;
};

MUST_USE int pipeline_list(struct db *db, struct project_id project,
			   const struct pipeline_filter *filter, struct listing slice,
			   struct arena *a, struct pipelines *list, struct err *e);

MUST_USE int pipeline_find(struct db *db, struct project_id project, struct pipeline_id id,
			   struct arena *a, struct pipeline *pipeline, bool *found, struct err *e);
/* ERR_NOT_FOUND "404 Pipeline Not Found" instead. */
MUST_USE int pipeline_get(struct db *db, struct project_id project, struct pipeline_id id,
			  struct arena *a, struct pipeline *pipeline, struct err *e);

/* The last pipeline of a ref ("refs/heads/main"). */
MUST_USE int pipeline_latest(struct db *db, struct project_id project, struct str ref,
			     struct arena *a, struct pipeline *pipeline, bool *found,
			     struct err *e);

/* The state that a list of commits or branches shows beside each. */
struct pipeline_mark {
	struct str key; /* the sha or the ref that was asked */
	struct pipeline_id id;
	enum ci_status status;
	bool has_warnings;
};

struct pipeline_marks {
	struct pipeline_mark *items;
	size_t count;
};

/* The last pipeline of each commit, or of what merging it would give. Those without any are left
 * out. */
MUST_USE int pipeline_of_commits(struct db *db, struct project_id project,
				 const struct str_list *shas, struct arena *a,
				 struct pipeline_marks *marks, struct err *e);
/* The last pipeline of each branch or tag, by full ref. */
MUST_USE int pipeline_of_refs(struct db *db, struct project_id project, const struct str_list *refs,
			      struct arena *a, struct pipeline_marks *marks, struct err *e);
/* NULL: it has none. */
const struct pipeline_mark *pipeline_mark_of(const struct pipeline_marks *marks, struct str key);

#endif
