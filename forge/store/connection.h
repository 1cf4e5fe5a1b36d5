/*
 * One connection: opening, noticing that it died, sending, and reading an
 * error. Inside store/ only; others use db.h.
 *
 * db->fault says how the last failure is to be taken; db.c and statement.c
 * decide by it what may be repeated.
 */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

#include "store/db.h"
#include "store/statement.h"

#include <libpq-fe.h>

enum db_fault {
	FAULT_NONE,
	FAULT_LOST,       /* the connection is dead; what was sent may have been done */
	FAULT_CONTENTION, /* serialization failure, deadlock: try the transaction again */
	FAULT_STALE_PLAN, /* prepared before the schema changed; nothing was done */
	FAULT_OTHER,
};

struct db_settings {
	char *conninfo;
	char *application_name;
	bool is_patient;
};

struct db {
	uint32_t magic;
	struct db_pool *pool;
	const struct db_settings *settings;
	PGconn *conn;          /* NULL until it was opened for the first time */
	bool *is_prepared;     /* by statement number */
	struct arena *scratch; /* parameters of the statement being sent */
	bool in_transaction;
	bool was_lost; /* in this transaction: everything fails until it is rolled back */
	enum db_fault fault;
	char sqlstate[6];
	char constraint[64];
};

struct db *connection_new(struct db_pool *pool, const struct db_settings *settings);
void connection_close(struct db *db);

/* Opens it, or opens it again, with its settings. */
MUST_USE int connection_open(struct db *db, struct err *e);
/* Without a round trip: false for a connection that the server has closed while it was idle. */
bool connection_is_alive(struct db *db);

/* BEGIN, COMMIT, ROLLBACK, "", a migration: text without parameters or rows. */
MUST_USE int connection_command(struct db *db, const char *text, const char *what, struct err *e);

/*
 * Turns a failed result (or NULL) into fault, SQLSTATE, constraint and *e.
 * Always returns a negative code.
 */
int connection_fail(struct db *db, const PGresult *result, const char *what, struct err *e);

void connection_clear_result(PGresult **result);
#define AUTO_PGRESULT __attribute__((cleanup(connection_clear_result))) PGresult *

/* 0, or the error for text that cannot be sent. */
void connection_forget_plans(struct db *db);

#endif
