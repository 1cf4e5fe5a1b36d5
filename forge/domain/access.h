/*
 * Who may do what: one list of actions, one matrix, one function that answers.
 *
 * A route names its action; the router loads the target with one query
 * (access_find_project, access_find_namespace) and asks access_check *before*
 * it calls the handler. Code behind other doors (SSH, runner, work, CLI) asks
 * the same function. An action without a row does not compile.
 *
 * A row of the matrix:
 *   target   NOTHING  anyone may, there is no object (sign-in, help, public lists)
 *            SELF     any signed-in person, about themselves or to make something new
 *            ADMIN    administrators
 *            GROUP    on a namespace,  PROJECT  on a project: by level and visibility
 *   level    members of at least this level may, whatever the visibility
 *   open to  MEMBERS  nobody else
 *            USERS    besides, any signed-in person, if its visibility shows it to them
 *            READERS  besides, anyone to whom its visibility shows it
 *   scopes   the scopes of a token any one of which is enough
 *   archived whether it may still be done in an archived project
 *
 * Who sees a target: members (guest and up) always; internal: any signed-in
 * person; public: anyone. Administrators count as owners everywhere.
 *
 * Answers: what an actor cannot see does not exist: ERR_NOT_FOUND to those who
 * are signed in, ERR_UNAUTHENTICATED to the anonymous (git then asks for
 * credentials, pages go to sign-in). What is seen but not allowed is
 * ERR_FORBIDDEN with the rule, who can change it and what next, or
 * ERR_UNAUTHENTICATED if signing in could help. A token without the scope is
 * ERR_FORBIDDEN before the target is looked at, so it says nothing about it.
 *
 * Threads: pure, but for the functions that take a db.
 */
#ifndef DOMAIN_ACCESS_H
#define DOMAIN_ACCESS_H

#include "domain/access_actions.h"
#include "domain/actor.h"
#include "domain/project.h"

/* What access_check judges. A zeroed one is a target that does not exist. */
struct access_target {
	bool exists;
	enum visibility visibility;
	enum access_level level; /* the actor's effective level, inherited ones included */
	bool is_archived;
	struct str path; /* for sentences */
};

/* 0, or -ERR_UNAUTHENTICATED, -ERR_NOT_FOUND, -ERR_FORBIDDEN. NULL: there is no target. */
MUST_USE int access_check(const struct actor *actor, enum action action,
			  const struct access_target *target, struct err *e);
/* The same as a question, for showing a button or not. */
bool access_allows(const struct actor *actor, enum action action,
		   const struct access_target *target);
/* Whether the actor may know that it exists. */
bool access_sees(const struct actor *actor, const struct access_target *target);

/* A project with what the request needs to know about it: one query. */
struct project_access {
	struct project project;
	struct access_target target;
	bool was_moved;    /* found by an old path: redirect to project.path if it may be seen */
	int32_t unsettled; /* > 0: a landing is alive or died; see domain/landing */
};

/*
 * By full path ("group/sub/name", case-blind; old paths lead on) or id. No
 * such project is success with target.exists false: access_check then gives
 * the answer that is the same as for one that must not be seen. Deleted
 * projects do not exist.
 */
MUST_USE int access_find_project(struct db *db, const struct actor *actor, struct str path,
				 struct arena *a, struct project_access *found, struct err *e);
MUST_USE int access_find_project_by_id(struct db *db, const struct actor *actor,
				       struct project_id id, struct arena *a,
				       struct project_access *found, struct err *e);
/* Find and check in one call: the usual form outside the router. */
MUST_USE int access_get_project(struct db *db, const struct actor *actor, struct str path,
				enum action action, struct arena *a, struct project_access *found,
				struct err *e);

struct namespace_access {
	struct namespace namespace;
	struct access_target target;
	bool was_moved;
};

MUST_USE int access_find_namespace(struct db *db, const struct actor *actor, struct str path,
				   struct arena *a, struct namespace_access *found, struct err *e);
MUST_USE int access_find_namespace_by_id(struct db *db, const struct actor *actor,
					 struct namespace_id id, struct arena *a,
					 struct namespace_access *found, struct err *e);

#endif
