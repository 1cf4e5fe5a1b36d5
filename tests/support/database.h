/*
 * A migrated, empty database for one test, made from a template in about 20 ms.
 * The cluster is that of tests/support/with-postgres; without one the test
 * fails and says how to run it.
 *
 *	static void user_names_are_unique(void **state UNUSED)
 *	{
 *		struct test_database *t = test_database_open();
 *		AUTO_DB db = NULL;
 *		struct err e;
 *
 *		check_ok(db_acquire(t->pool, &db, &e), &e);
 *		...
 *		db_release(db); db = NULL;     before the close: the pool wants all back
 *		test_database_close(t);
 *	}
 */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include "store/db.h"

struct test_database {
	char name[64];
	char conninfo[512];
	struct db_pool *pool;
	struct arena *arena; /* for rows; closed with the database */
};

/* Fails the test if it cannot be made. */
struct test_database *test_database_open(void);
void test_database_close(struct test_database *t);

/* Any SQL, for what a test prepares or looks at besides the domain's own functions. */
void test_database_exec(struct test_database *t, const char *sql);
/* The first column of the first row as text in t->arena, or NULL for NULL or no row. */
const char *test_database_text(struct test_database *t, const char *sql);
int64_t test_database_number(struct test_database *t, const char *sql);

#endif
