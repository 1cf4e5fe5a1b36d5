/*
 * PostgreSQL connections and transactions. The one door to libpq together with
 * statement.h (generated statements run through it) and migrate.h.
 *
 * A pool lends connections to threads; a loaned connection belongs to one
 * thread until it is given back. Take it late, give it back early: never hold
 * one while streaming, sleeping or waiting for a git operation.
 *
 *	AUTO_DB db = NULL;
 *	if (db_acquire(app->db, &db, e) < 0)
 *		return -e->code;
 *	return q_user_by_name(db, &in, arena, &row, e);
 *
 * Lost connections: a connection found dead is opened again before it is lent;
 * one that dies during a statement outside a transaction is opened again, and
 * the statement is repeated once if its text begins with SELECT. Anything else
 * fails with ERR_UNAVAILABLE, so nothing is ever done twice.
 *
 * Errors: ERR_UNAVAILABLE (no connection), ERR_BUSY (none free within the wait),
 * ERR_TIMEOUT (statement or lock time-out), ERR_CONFLICT (unique or exclusion
 * constraint, serialization failure that outlived its retries), ERR_INVALID
 * (text with a zero byte or bytes that are not UTF-8), ERR_INTERNAL (the rest).
 * Domain code that expects a certain constraint asks db_violated().
 *
 * Threads: a pool any, a connection one at a time. Lock: the pool's own, never
 * held while talking to the server.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"

struct db_pool;
struct db;

struct db_pool_options {
	const char *conninfo;         /* URL or key=value words, as libpq reads them */
	size_t size;                  /* at most this many connections; 0 means 8 */
	const char *application_name; /* shown by pg_stat_activity; NULL means "hearth" */
	int64_t wait_ms;              /* db_acquire waits this long, then ERR_BUSY; 0 means 2000 */
	bool is_patient;              /* no statement time-out: migrations, backup, housekeeping */
};

/* Opens one connection to prove the address; the others are opened when needed. */
MUST_USE int db_pool_open(const struct db_pool_options *options, struct db_pool **pool,
			  struct err *e);
/* All connections have been given back. NULL is fine. */
void db_pool_close(struct db_pool *pool);

struct db_pool_counts {
	size_t open;
	size_t lent;
	uint64_t reconnects;
	uint64_t waits; /* acquires that had to wait */
};
void db_pool_count(struct db_pool *pool, struct db_pool_counts *counts);

MUST_USE int db_acquire(struct db_pool *pool, struct db **db, struct err *e);
/* Rolls back a transaction left open. NULL is fine. */
void db_release(struct db *db);
void db_release_auto(struct db **db);
#define AUTO_DB __attribute__((cleanup(db_release_auto))) struct db *

/* "SELECT 1", for readiness. */
MUST_USE int db_ping(struct db *db, struct err *e);

/*
 * Transactions. db_begin inside a transaction is a programming error.
 *
 * db_commit fails with ERR_OUTCOME_UNKNOWN when the connection was lost after
 * COMMIT was sent: it may or may not have happened. Only the caller can find
 * out, by reading a unique key of what it wrote (landing: the push id) over
 * a new connection. Any other failure of db_commit means nothing was written.
 */
MUST_USE int db_begin(struct db *db, struct err *e);
MUST_USE int db_commit(struct db *db, struct err *e);
/* Fine outside a transaction and on a dead connection. */
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/*
 * begin, work, commit. When work or the commit fails for a serialization
 * failure or a deadlock, or the connection is lost before COMMIT was sent, all
 * of it runs again, at most three times; so work must have no effect outside
 * the transaction and its arena. An error of work rolls back and is returned.
 * Inside an open transaction work simply joins it, and an error of it must
 * fail the outer one too.
 */
typedef int db_work(struct db *db, void *closure, struct err *e);
MUST_USE int db_transaction(struct db *db, db_work *work, void *closure, struct err *e);

/*
 * Why the last statement failed, for rules that live in constraints: true if
 * it violated the constraint of that name ("key_fingerprint_unique").
 */
bool db_violated(const struct db *db, const char *constraint);
/* The SQLSTATE of the last failed statement, or "". */
const char *db_sqlstate(const struct db *db);

#endif
