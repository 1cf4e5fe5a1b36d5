/*
 * The variables of a pipeline: predefined ones (CI_*, HEARTH*), and those its
 * starter gave (push option, page, API), which are stored sealed.
 *
 * Planning and running see the same: what commit, ref and merge request give is
 * made once, before the plan (rules read it), and stored with the pipeline
 * (pipeline_variables_record), so that a job needs no repository to be handed
 * out. What server, project and person give is read anew for each job: a
 * renamed project's jobs know its new address.
 *
 * Source: gitlab-compat 3.1, 3.2.
 */
#ifndef DOMAIN_PIPELINE_VARIABLES_H
#define DOMAIN_PIPELINE_VARIABLES_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "ci/context.h"
#include "domain/instance.h"
#include "domain/types.h"
#include "git/commit.h"

struct db;

/* Of the merge request that the pipeline is for (source merge_request_event). */
struct pipeline_merge_request {
	int64_t id;
	int64_t iid;
	struct str title;
	struct str description;
	struct str source_branch;
	bool is_source_protected;
	struct project_id source_project;
	struct str source_project_path;
	struct str target_branch;
	bool is_target_protected;
	struct str source_sha; /* of a result: what was merged into what; else none */
	struct str target_sha;
	struct str diff_base_sha;
	struct str labels;    /* "a,b"; none */
	struct str assignees; /* "ann, bob"; none */
	bool is_squashed;
};

/* What one pipeline is planned for. */
struct pipeline_facts {
	enum ci_pipeline_source source;
	struct project_id project;
	struct user_id user; /* 0: the system */
	struct str ref;      /* in full */
	struct str ref_name; /* branch, tag, or the merge request's source branch */
	bool is_tag;
	bool is_protected;
	struct str sha;
	struct str before_sha;                        /* none: zeros */
	const struct commit *commit;                  /* never NULL */
	struct str tag_message;                       /* of an annotated tag; else none */
	const struct pipeline_merge_request *request; /* NULL: not for a merge request */
	struct str open_requests; /* "group/project!1,..." of the branch; none */
};

struct pipeline_predefined {
	struct ci_variables all;  /* for ci_context.predefined */
	struct ci_variables kept; /* the part that pipeline_variables_record stores */
	struct str project_path;  /* for ci_context.project_path */
};

/*
 * Before the plan, outside any lock and transaction:
 * reads project and user. ERR_NOT_FOUND if the project is gone.
 */
MUST_USE int pipeline_predefined(struct db *db, const struct instance *instance,
				 const struct pipeline_facts *facts, struct arena *a,
				 struct pipeline_predefined *made, struct err *e);

/*
 * In the transaction of pipeline_create, after it: stores made->kept and the
 * starter's variables (either may be NULL).
 */
MUST_USE int pipeline_variables_record(struct db *db, const struct secret_keys *keys,
				       struct pipeline_id pipeline, const struct ci_variables *kept,
				       const struct ci_variables *given, struct arena *a,
				       struct err *e);

/* The starter's, opened, in their order: for GET /pipelines/:id/variables and to run it again. */
MUST_USE int pipeline_variables_given(struct db *db, const struct secret_keys *keys,
				      struct pipeline_id pipeline, struct arena *a,
				      struct ci_variables *given, struct err *e);

/* Those that a manual job, or the run before it that was retried, was started with. */
MUST_USE int job_variables_given(struct db *db, const struct secret_keys *keys, struct job_id job,
				 struct arena *a, struct ci_variables *given, struct err *e);

#define PIPELINE_GIVEN_MAX 200 /* variables that a starter may give */

/*
 * One variable from outside, checked (key [A-Za-z0-9_]{1,255}, value at most
 * VARIABLE_VALUE_MAX bytes without NUL) and set: ERR_UNPROCESSABLE says what is wrong.
 */
MUST_USE int pipeline_given_add(struct ci_variables *given, struct str key, struct str value,
				bool is_file, struct err *e);

/* The same from a push option's "KEY=VALUE". */
MUST_USE int pipeline_given_parse(struct ci_variables *given, struct str text, struct err *e);

#endif
