/*
 * What jobs leave behind: the archive of their artifacts and their reports.
 * The bytes are a blob (store/blob.h); a row links it to the job and says how
 * long it stays. A runner uploads and downloads by its job token; people and
 * programs by their rights, which the caller has checked.
 *
 * A blob with no row that links it is removed an hour after its last link,
 * by artifact_expire. Archives stay, whatever their expiry, while they are the
 * latest of a branch or tag, or may be deployed again (the statement artifact_expire
 * is the one list of reasons).
 *
 * Locks: blob, after those of the job. db must not be in a transaction.
 * Source: gitlab-compat 1.8, 2.10. Threads: as db.
 */
#ifndef DOMAIN_ARTIFACT_H
#define DOMAIN_ARTIFACT_H

#include "domain/job.h"
#include "store/blob.h"

struct actor;

struct artifact {
	struct job_id job;
	struct str type;   /* "archive", "junit", ... */
	struct str format; /* "zip", "gzip", "raw" */
	struct str filename;
	uint64_t size;
	struct str sha256; /* none: the bytes are gone */
	struct instant created_at;
	bool expires;
	struct instant expires_at;
};

struct artifacts {
	struct artifact *items;
	size_t count;
};

/* ---- the runner's side ---- */

struct artifact_upload {
	struct job_id job;
	struct str token;     /* of the job */
	struct str type;      /* empty: archive */
	struct str format;    /* empty: zip */
	struct str filename;  /* may be anything: only its last component counts */
	struct str expire_in; /* as in the pipeline file; empty: the instance's default */
};

/*
 * Before the body is taken, and again when it is there. Renews the lease.
 * ERR_FORBIDDEN: no such job, wrong token, or it runs no more; *held says which
 * (held->standing). ERR_INVALID: type, format or expire_in.
 */
MUST_USE int artifact_check_upload(struct db *db, const struct artifact_upload *upload,
				   struct arena *a, struct job_held *held, struct err *e);

/*
 * Links the ended writer's blob. The same bytes again are fine; others of the same
 * type are ERR_INVALID. default_expire: seconds, 0 is never.
 */
MUST_USE int artifact_add(struct db *db, const struct artifact_upload *upload,
			  struct blob_writer *writer, const struct blob_made *made,
			  int64_t default_expire, struct arena *a, struct job_held *held,
			  struct err *e);

/*
 * The archive of `job` for whoever shows the token of a running job of the same
 * project. ERR_FORBIDDEN: not such a token. ERR_NOT_FOUND: no archive, or gone.
 */
MUST_USE int artifact_get_for_job(struct db *db, struct job_id job, struct str token,
				  struct arena *a, struct artifact *artifact, struct err *e);

/* For the payload of a job (gitlab-compat 1.5, `dependencies`). */
struct artifact_dependency {
	struct job_id job;
	struct str name;
	struct str filename; /* none: it left no archive, the runner skips it */
	uint64_t size;
	bool is_gone; /* it had one, whose bytes expired or were removed */
};

struct artifact_dependencies {
	struct artifact_dependency *items;
	size_t count;
};

/* The jobs whose archives this one gets, in the order of the plan. */
MUST_USE int artifact_list_for_job(struct db *db, struct job_id job, struct arena *a,
				   struct artifact_dependencies *list, struct err *e);

/* ---- for people and programs ---- */

/* All of a job, those that are gone too; by type. */
MUST_USE int artifact_list(struct db *db, struct project_id project, struct job_id job,
			   struct arena *a, struct artifacts *list, struct err *e);

/* ERR_NOT_FOUND says whether there never was one or it is gone. */
MUST_USE int artifact_get(struct db *db, struct project_id project, struct job_id job,
			  struct str type, struct arena *a, struct artifact *artifact,
			  struct err *e);

/*
 * The archive of the job of that name in the latest successful pipeline of a
 * branch or tag (ref_name as people write it) that has one.
 */
MUST_USE int artifact_get_latest(struct db *db, struct project_id project, struct str ref_name,
				 struct str job_name, struct arena *a, struct artifact *artifact,
				 struct err *e);

/* No expiry any more. ERR_NOT_FOUND: there is nothing to keep. */
MUST_USE int artifact_keep(struct db *db, const struct actor *actor, struct project_id project,
			   struct job_id job, struct err *e);

/* Those of one job (job.v 0: of all finished jobs of the project). *count: how many. */
MUST_USE int artifact_remove(struct db *db, const struct actor *actor, struct project_id project,
			     struct job_id job, int64_t *count, struct err *e);

/* ---- for work ---- */

/* One portion: what has expired, then blobs that nobody links. *removed counts both. */
MUST_USE int artifact_expire(struct db *db, const char *blobs, struct arena *a, int64_t *removed,
			     bool *has_more, struct err *e);

/* Files without a row get one, so that artifact_expire removes them. */
MUST_USE int artifact_adopt_strays(struct db *db, const char *blobs, unsigned subfolder,
				   struct arena *a, struct err *e);

#endif
