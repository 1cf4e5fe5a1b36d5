/*
 * Environments: where a project's software runs. One appears when the first job
 * that names it is taken by a runner, or when a person makes it; it is
 * available until it is stopped (by its stop job, by hand, by time), and a new
 * deployment makes it available again. Deployments are deployment.h, the three
 * environments of the path promotion.h.
 *
 * The caller has checked PIPELINE_READ for reading; what changes anything checks
 * by itself. Every row is read through its project.
 * Locks: pipeline, environment, deployment, job.
 * Ownership: the caller's arena. Threads: those of db.
 * Source: gitlab-compat 2.9, 4.
 */
#ifndef DOMAIN_ENVIRONMENT_H
#define DOMAIN_ENVIRONMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "domain/actor.h"

struct db;
struct live;

/* X(name in C, name in SQL, API and pages) */
#define ENVIRONMENT_TIERS(X)          \
	X(PRODUCTION, "production")   \
	X(STAGING, "staging")         \
	X(TESTING, "testing")         \
	X(DEVELOPMENT, "development") \
	X(OTHER, "other")

enum environment_tier {
#define ENVIRONMENT_TIER_ENUM(name, word) ENVIRONMENT_##name,
	ENVIRONMENT_TIERS(ENVIRONMENT_TIER_ENUM)
#undef ENVIRONMENT_TIER_ENUM
};

const char *environment_tier_name(enum environment_tier tier);
MUST_USE bool environment_tier_parse(struct str name, enum environment_tier *tier);
/* GitLab's guess from an environment's name. Pure. */
enum environment_tier environment_tier_guess(struct str name);

/*
 * Of a new environment, CI_ENVIRONMENT_SLUG: lower case, digits and '-', begins with
 * a letter, at most 24 bytes; no two names have the same. Pure.
 */
struct str environment_slug(struct arena *a, struct str name);

/* ERR_UNPROCESSABLE with the rule: letters, digits, space, "-_/$.{}", no '/' at the ends, 255. */
MUST_USE int environment_check_name(struct str name, struct err *e);

enum environment_state { ENVIRONMENT_AVAILABLE, ENVIRONMENT_STOPPING, ENVIRONMENT_STOPPED };

const char *environment_state_name(enum environment_state state);
MUST_USE bool environment_state_parse(struct str name, enum environment_state *state);

struct environment {
	struct environment_id id;
	struct project_id project;
	struct str name;
	struct str slug;
	enum environment_tier tier;
	enum environment_state state;
	struct str external_url; /* none: not known */
	struct str description;
	bool has_auto_stop_at;
	struct instant auto_stop_at;
	struct instant created_at, updated_at;
};

struct environments {
	struct environment *items;
	size_t count;
	int64_t total;
};

struct environment_filter {
	struct str name;   /* exactly; none: any */
	struct str search; /* part of the name; none: any */
	struct str state;  /* environment_state_name; none: any */
};

/* The path's first, in its order; the others by name. */
MUST_USE int environment_list(struct db *db, struct project_id project,
			      const struct environment_filter *filter, struct listing slice,
			      struct arena *a, struct environments *list, struct err *e);
MUST_USE int environment_find(struct db *db, struct project_id project, struct environment_id id,
			      struct arena *a, struct environment *environment, bool *found,
			      struct err *e);
MUST_USE int environment_find_by_name(struct db *db, struct project_id project, struct str name,
				      struct arena *a, struct environment *environment, bool *found,
				      struct err *e);
/* ERR_NOT_FOUND "404 Environment Not Found" instead. */
MUST_USE int environment_get(struct db *db, struct project_id project, struct environment_id id,
			     struct arena *a, struct environment *environment, struct err *e);

struct environment_new {
	struct str name;
	struct str external_url; /* none, or http(s) */
	struct str description;
	bool has_tier; /* else guessed */
	enum environment_tier tier;
};

/* ENVIRONMENT_CHANGE. ERR_UNPROCESSABLE (the name, the address), ERR_CONFLICT (there is one). */
MUST_USE int environment_create(struct db *db, const struct actor *actor, struct project_id project,
				const struct environment_new *in, struct arena *a,
				struct environment *made, struct err *e);

/* None: unchanged. An empty external_url or description clears it. */
struct environment_change {
	struct str external_url;
	struct str description;
	bool has_tier;
	enum environment_tier tier;
};

MUST_USE int environment_update(struct db *db, const struct actor *actor, struct project_id project,
				struct environment_id id, const struct environment_change *change,
				struct arena *a, struct environment *environment, struct err *e);

/*
 * Starts the stop job that the last deployment named (on_stop); without one it
 * is stopped at once. force: without the job. ERR_CONFLICT while a deployment
 * runs. ERR_FORBIDDEN also where the stop job runs for a protected branch.
 * *pending: see job.h.
 */
MUST_USE int environment_stop(struct db *db, const struct actor *actor, struct project_id project,
			      struct environment_id id, bool force, struct arena *a,
			      struct environment *environment, size_t *pending, struct err *e);

/* Only a stopped one: ERR_CONFLICT. Its history goes with it. */
MUST_USE int environment_remove(struct db *db, const struct actor *actor, struct project_id project,
				struct environment_id id, struct err *e);

/* For work: starts the stop jobs of those whose time has come, and tells of it. Counts them. */
MUST_USE int environment_stop_due(struct db *db, struct live *live, struct arena *a,
				  size_t *stopped, struct err *e);

#endif
