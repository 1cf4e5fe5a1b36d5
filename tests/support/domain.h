/*
 * A world for a test of domain functions: one line makes a user, a group or a
 * project; any failure fails the test. Everything lives until domain_close.
 *
 *	struct domain *w = domain_open();
 *	struct actor ann = domain_user(w, "ann");
 *	struct project_id app = domain_project(w, "team/app", &ann, VISIBILITY_PRIVATE);
 */
#ifndef SUPPORT_DOMAIN_H
#define SUPPORT_DOMAIN_H

#include "domain/access.h"
#include "domain/member.h"
#include "domain/project.h"
#include "domain/user.h"
#include "secret/secret.h"
#include "support/check.h"
#include "support/database.h"

struct domain {
	struct test_database *database;
	struct db *db;
	struct arena *a;
	struct secret_keys *keys;
	struct user_door door;
	struct err e; /* for the calls of the test */
	char folder[64];
};

struct domain *domain_open(void);
void domain_close(struct domain *w);

/* Signed in by a session. Their e-mail is <name>@example.org; they have no password. */
struct actor domain_user(struct domain *w, const char *name);
struct actor domain_admin(struct domain *w, const char *name);
/* Missing groups are made; the owner owns what is made. */
struct project_id domain_project(struct domain *w, const char *path, const struct actor *owner,
				 enum visibility visibility);
struct namespace_id domain_namespace(struct domain *w, const char *path);
void domain_member(struct domain *w, struct member_place place, const struct actor *who,
		   enum access_level level);
/* The level that access computes for the actor. */
enum access_level domain_level(struct domain *w, const struct actor *who, struct project_id id);

#endif
