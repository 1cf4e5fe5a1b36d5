/*
 * A zygote, a database with one person and one project, and its repository:
 * what pushes through domain/landing need. In test_landing_shell, $P is the
 * project's address and `git push` lands as that person (owner).
 */
#ifndef SUPPORT_LANDING_H
#define SUPPORT_LANDING_H

#include "domain/actor.h"
#include "domain/landing.h"
#include "support/database.h"
#include "support/zygote.h"

struct test_landing {
	struct test_zygote *zygote;
	struct test_database *database;
	struct actor actor;
	struct project_id project;
};

struct test_landing *test_landing_open(void);
void test_landing_close(struct test_landing *t);

struct str test_landing_shell(struct test_landing *t, const char *script, int *status);

/* A request of the person, as a page makes it. */
struct landing_request test_landing_request(struct test_landing *t, enum push_source source);

/* On disk, or "" if there is none; in the zygote's arena. */
struct str test_landing_ref(struct test_landing *t, const char *name);
/* The database and the disk say the same, fsck finds nothing, nothing is left over. */
void test_landing_check_sound(struct test_landing *t);

#endif
