/*
 * Bringing the schema forward. The files of sql/migrations are compiled in;
 * the table schema_migration records number, name and SHA-256 of each that
 * ran. Forward only; each file runs in its own transaction, under an advisory
 * lock, so that several processes may start at once.
 *
 * Refused with a sentence: a database that knows a migration this binary does
 * not (it is newer), and a file whose text differs from the one that ran.
 */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "store/db.h"

struct migration {
	int number;       /* 1 for 0001_user.sql */
	const char *name; /* "0001_user" */
	const char *sql;
	size_t length;
};

struct migrate_result {
	int before; /* the highest number that had run */
	int after;
	int applied;
};

/* The migrations that are compiled in. */
const struct migration *migrate_list(size_t *count);

/* Runs what is missing. db comes from a patient pool. */
MUST_USE int migrate_run(struct db *db, struct migrate_result *result, struct err *e);

/*
 * For a role's start: ERR_PRECONDITION with a sentence if the schema is older
 * ("run hearth migrate") or newer than this binary, or differs from it.
 */
MUST_USE int migrate_check(struct db *db, struct err *e);

/* The same over a list of the caller's; for tests. */
MUST_USE int migrate_run_list(struct db *db, const struct migration *list, size_t count,
			      struct migrate_result *result, struct err *e);

#endif
