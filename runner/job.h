/*
 * A job as the forge hands it out (answer of POST /api/v4/jobs/request).
 * Source: gitlab-compat 1.5. Unknown fields are ignored; a field of the wrong
 * kind fails the whole job, with its name in the error.
 */
#ifndef RUNNER_JOB_H
#define RUNNER_JOB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/list.h"

struct job_variable {
	struct str key;
	struct str value;
	bool is_file;
	bool is_masked;
	bool is_raw;
};

enum job_when { JOB_ON_SUCCESS, JOB_ALWAYS, JOB_ON_FAILURE };

struct job_step {
	struct str name; /* script, after_script, release */
	struct str_list script;
	int64_t timeout; /* seconds */
	enum job_when when;
	bool allow_failure;
};

struct job_artifact {
	struct str name;
	struct str_list paths;
	struct str_list exclude;
	bool untracked;
	enum job_when when;
	struct str expire_in;
	struct str type;   /* archive, ... */
	struct str format; /* zip, ... */
};

struct job_dependency {
	int64_t id;
	struct str name;
	struct str token;
	struct str filename; /* none: it has no artifacts */
};

struct job {
	int64_t id;
	struct str token;
	struct str name;
	struct str stage;
	int64_t project_id;
	struct str repo_url;
	struct str ref;
	struct str sha;
	struct str_list refspecs;
	int64_t depth;
	int64_t timeout;       /* seconds */
	int64_t lease_seconds; /* its steps run only so long after the forge heard of it; 0: always
				*/
	bool may_fetch;
	struct job_variable *variables; /* lowest precedence first; the last of a name counts */
	size_t variable_count;
	struct job_step *steps;
	size_t step_count;
	struct job_artifact *artifacts;
	size_t artifact_count;
	struct job_dependency *dependencies;
	size_t dependency_count;
	struct str_list mask_prefixes;
	bool has_image;
	bool has_cache;
};

MUST_USE int job_parse(struct arena *a, struct str json, struct job *job, struct err *e);

/* The value that counts, or none. */
struct str job_variable_value(const struct job *job, const char *key);

#endif
