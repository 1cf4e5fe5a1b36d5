/*
 * The token of a job as a credential: it acts for whoever started the job, with
 * scope `job` alone (what that may: access_actions.h), in the job's project and
 * nowhere else, and from the claim to the end of the job. It fetches over HTTP
 * (user gitlab-ci-token) and reads by API (header JOB-TOKEN).
 *
 * A person who was blocked, or lost the membership, takes their running jobs'
 * tokens along. Jobs of the system, and those of administrators who are no
 * members, read their own project.
 */
#ifndef DOMAIN_JOB_TOKEN_H
#define DOMAIN_JOB_TOKEN_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;

#define JOB_TOKEN_PREFIX "glcbt-"

/* Called by token_find, which is what doors ask. */
MUST_USE int job_token_find(struct db *db, struct str text, struct str ip, struct arena *a,
			    struct actor *actor, bool *found, struct err *e);

#endif
