/*
 * Jobs as pages and API read them, and the one sentence that says why a job is
 * not running. Nothing here locks or changes anything; acts are in job.h.
 *
 * The caller has checked PIPELINE_READ on the project; every row is read through
 * its project.
 * Ownership: the caller's arena. Threads: those of db.
 */
#ifndef DOMAIN_JOB_VIEW_H
#define DOMAIN_JOB_VIEW_H

#include "domain/pipeline_view.h"

/* The runner that has or had the job; id 0: none, or it is gone. */
struct job_runner {
	struct runner_id id;
	struct str description;
	struct str kind; /* runner_kind_name */
	bool is_paused;
	struct str version, platform, architecture, executor, ip;
	bool has_contacted_at;
	struct instant contacted_at;
};

struct job {
	struct job_id id;
	struct project_id project;
	struct pipeline_id pipeline;
	struct str name;
	struct str stage;
	int32_t stage_index;
	enum ci_status status;
	struct str run_when; /* ci_when_name */
	bool allow_failure;
	bool has_needs; /* goes by needs, not by stages */
	struct str_list needs;
	struct str_list tags;
	bool is_protected;
	struct str environment; /* expanded; none: no environment */
	struct str environment_action;
	struct str resource_group;
	int32_t timeout;
	int32_t attempt;            /* how often it was retried by its rule */
	struct job_id retried_from; /* 0: the first */
	bool is_latest;
	struct job_runner runner;
	struct str failure_reason;  /* GitLab's word, or none */
	struct str failure_message; /* the forge's own sentence about it, or none */
	bool has_exit_code;
	int32_t exit_code;
	int64_t trace_length;
	struct pipeline_user user;
	struct instant created_at;
	bool has_queued_at, has_scheduled_at, has_started_at, has_finished_at;
	struct instant queued_at, scheduled_at, started_at, finished_at;
	double running_seconds, queued_seconds;

	/* Of its pipeline. */
	int64_t pipeline_iid;
	struct str source, ref, ref_name, sha;
	bool is_tag;
	enum ci_status pipeline_status;
	struct instant pipeline_created_at, pipeline_updated_at;
};

struct jobs {
	struct job *items;
	size_t count;
	bool has_more;
};

/* By stage, then as in the file; with the runs that were retried, each right behind its latest. */
MUST_USE int job_list_of_pipeline(struct db *db, struct project_id project, struct pipeline_id id,
				  bool with_retried, struct arena *a, struct jobs *jobs,
				  struct err *e);
/* Newest first. statuses: names of ci_status_name; empty: all. */
MUST_USE int job_list(struct db *db, struct project_id project, const struct str_list *statuses,
		      struct listing slice, struct arena *a, struct jobs *jobs, struct err *e);
MUST_USE int job_find(struct db *db, struct project_id project, struct job_id id, struct arena *a,
		      struct job *job, bool *found, struct err *e);
/* ERR_NOT_FOUND "404 Job Not Found" instead. */
MUST_USE int job_get(struct db *db, struct project_id project, struct job_id id, struct arena *a,
		     struct job *job, struct err *e);

/* What may be done with it now, by its state alone. */
bool job_may_cancel(const struct job *job);
bool job_may_play(const struct job *job);
bool job_may_retry(const struct job *job);

/* X(NAME, sentence in English; %s is `subject`, `number` or `at`) */
#define JOB_WAITS(X)                                                                              \
	X(NOTHING, "")                                                                            \
	X(JOBS, "It waits for %s to end.")                                                        \
	X(STAGES, "It waits for the jobs of the stages before it: %s.")                           \
	X(PERSON, "It waits for a person to start it.")                                           \
	X(TIME, "It starts by itself at %s.")                                                     \
	X(RESOURCE, "It waits for the job that holds the resource group %s.")                     \
	X(ENVIRONMENT, "Another job works on the environment %s; one at a time.")                 \
	X(ARCHIVED, "The project is archived, so no runner takes its jobs.")                      \
	X(NO_RUNNER, "No runner serves this project. A maintainer adds one in the project's "     \
		     "settings, an administrator for all projects.")                              \
	X(NO_TAGS, "No runner has all of its tags: %s.")                                          \
	X(NO_UNTAGGED, "It has no tags, and every runner of this project runs tagged jobs only.") \
	X(NO_UNPROTECTED, "The runners that fit take jobs of protected branches and tags only.")  \
	X(PAUSED, "Every runner that fits is paused.")                                            \
	X(OFFLINE, "No runner that fits is online; the last one was seen at %s.")                 \
	X(NEVER_SEEN, "The runners that fit have never connected.")                               \
	X(TURN,                                                                                   \
	  "Runners are online; it waits for its turn, with %s jobs of this project before it.")   \
	X(STOPPING, "Its runner was told to stop it and has not answered yet.")

enum job_wait {
#define JOB_WAIT_ENUM(name, sentence) JOB_WAIT_##name,
	JOB_WAITS(JOB_WAIT_ENUM)
#undef JOB_WAIT_ENUM
};

struct job_waiting {
	enum job_wait why;
	struct str subject; /* names, tags, a group; none for those without %s */
	int64_t number;
	struct instant at; /* of TIME and OFFLINE */
};

/*
 * Why this job is not running: for one that is created, pending, manual, scheduled,
 * waiting for a resource or canceling; JOB_WAIT_NOTHING for the others.
 */
MUST_USE int job_why_waiting(struct db *db, const struct job *job, struct arena *a,
			     struct job_waiting *waiting, struct err *e);
/* The sentence in English; none for JOB_WAIT_NOTHING. */
struct str job_waiting_text(const struct job_waiting *waiting, struct arena *a);

/* A failure_reason as a sentence in English, with what to do next; none for none. */
const char *job_failure_text(struct str failure_reason);

#endif
