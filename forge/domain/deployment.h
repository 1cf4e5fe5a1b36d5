/*
 * Deployments: one run of a deploy job, that is of a job with `environment` and
 * action start. The row is inserted in the transaction that gives the job to a
 * runner, and settled in the one that ends it; a unique index lets one run in
 * an environment at a time.
 *
 * Order: a job never replaces what a later pipeline has deployed. If that was of
 * the same ref it fails (failure_reason "failed_outdated_deployment_job"), if
 * of another it is skipped; its failure_message says which pipeline was quicker.
 * A person who plays or retries the job wants just that: it goes on, and is
 * recorded as a rollback (of the same commit: redeploy).
 *
 * The caller has checked PIPELINE_READ for reading; every row is read through its project.
 * Ownership: the caller's arena. Threads: those of db.
 */
#ifndef DOMAIN_DEPLOYMENT_H
#define DOMAIN_DEPLOYMENT_H

#include "base/list.h"
#include "domain/environment.h"

enum deployment_status {
	DEPLOYMENT_RUNNING,
	DEPLOYMENT_SUCCESS,
	DEPLOYMENT_FAILED,
	DEPLOYMENT_CANCELED,
};

const char *deployment_status_name(enum deployment_status status);
MUST_USE bool deployment_status_parse(struct str name, enum deployment_status *status);

enum deployment_kind { DEPLOYMENT_DEPLOY, DEPLOYMENT_REDEPLOY, DEPLOYMENT_ROLLBACK };

/* "deploy", "redeploy", "rollback" */
const char *deployment_kind_name(enum deployment_kind kind);

struct deployment {
	struct deployment_id id;
	int64_t iid;
	struct project_id project;
	struct environment_id environment;
	struct str environment_name;
	struct pipeline_id pipeline; /* 0: deleted since */
	int64_t pipeline_iid;        /* 0: deleted since */
	struct job_id job;           /* 0: deleted since */
	struct str job_name;
	struct str ref; /* in full */
	struct str ref_name;
	bool is_tag;
	struct str sha;
	struct str tree;         /* of the commit; none: not known yet, or it never stood there */
	struct str replaced_sha; /* none: nothing stood there */
	enum deployment_kind kind;
	enum deployment_status status;
	struct user_brief user;
	struct instant created_at;
	bool has_finished_at;
	struct instant finished_at;
	bool is_current; /* the last successful one: what stands there now */
};

struct deployments {
	struct deployment *items;
	size_t count;
	int64_t total;
};

struct deployment_filter {
	struct environment_id environment; /* 0: any */
	struct str environment_name;       /* none: any */
	struct str status;                 /* deployment_status_name; none: any */
	struct str order_by; /* "ref", "finished_at", "updated_at"; else as they were made */
	bool is_oldest_first;
};

MUST_USE int deployment_list(struct db *db, struct project_id project,
			     const struct deployment_filter *filter, struct listing slice,
			     struct arena *a, struct deployments *list, struct err *e);
/* ERR_NOT_FOUND "404 Deployment Not Found". */
MUST_USE int deployment_get(struct db *db, struct project_id project, struct deployment_id id,
			    struct arena *a, struct deployment *deployment, struct err *e);

/* An archive that the deploy job was handed, by its content. */
struct deployment_artifact {
	struct str job_name;
	struct str filename;
	int64_t size;
	struct str sha256; /* hex */
};

struct deployment_artifacts {
	struct deployment_artifact *items;
	size_t count;
};

MUST_USE int deployment_artifacts(struct db *db, struct project_id project, struct deployment_id id,
				  struct arena *a, struct deployment_artifacts *list,
				  struct err *e);

/* "refs/environments/<slug>": the commit that stands there, for git fetch. */
struct str deployment_ref(struct arena *a, struct str slug);

/* What stands in an environment, and what is on its way there. */
struct deployment_standing {
	bool has_current;
	struct deployment current;
	bool has_last; /* newer than the current one: it runs, or failed */
	struct deployment last;
};

/*
 * One query for many: of these environments, or with of_path of the three of the
 * path, the current deployment and what is newer. deployment_standing_of picks one's.
 */
MUST_USE int deployment_board(struct db *db, struct project_id project,
			      const struct i64_list *environments, bool of_path, struct arena *a,
			      struct deployments *board, struct err *e);
struct deployment_standing deployment_standing_of(const struct deployments *board, struct str name);

MUST_USE int deployment_standing(struct db *db, struct project_id project,
				 struct environment_id environment, struct arena *a,
				 struct deployment_standing *standing, struct err *e);

/*
 * Runs the job of this deployment again, with the artifacts of its pipeline: a
 * rollback if it is not what stands there, else a redeployment. The actor must
 * have PIPELINE_RUN and the right of the ref (pipeline_right.h). ERR_CONFLICT
 * with the sentence when the job is gone or runs.
 */
MUST_USE int deployment_repeat(struct db *db, const struct actor *actor, struct project_id project,
			       struct deployment_id id, struct arena *a, struct job_id *job,
			       size_t *pending, struct err *e);

/*
 * Artifacts of a pipeline are kept while an environment can be brought back to
 * it: the SQL view pipeline_deployable lists those pipelines.
 */

#endif
