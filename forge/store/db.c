/*
 * The pool and transactions. The pool's mutex guards the stack of free
 * connections and the counts; opening and talking happen outside of it.
 *
 * When the server is away, a caller tries for a while (a restart takes a
 * quarter of a second); who comes within a second after somebody tried in vain
 * is answered at once, so that threads do not pile up.
 */
#include "store/connection.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <pthread.h>

#define POOL_MAGIC 0x706f6f6cu
#define DEFAULT_SIZE 8u
#define DEFAULT_WAIT_MS 2000
#define BREAK_MS 1000
#define TRANSACTION_TRIES 3

struct db_pool {
	uint32_t magic;
	struct db_settings settings;
	size_t size;
	int64_t wait_ms;
	pthread_mutex_t lock;
	pthread_cond_t returned;
	/* under the lock: */
	struct db **free;
	size_t free_count;
	size_t made; /* connections that exist, free or lent */
	int64_t broken_until_ms;
	uint64_t reconnects;
	uint64_t waits;
};

static struct db_pool *pool_new(const struct db_pool_options *options)
{
	struct db_pool *pool = MEM_NEW(struct db_pool);
	pthread_condattr_t monotonic;

	pool->magic = POOL_MAGIC;
	pool->settings.conninfo = mem_strdup(options->conninfo);
	pool->settings.application_name =
		mem_strdup(options->application_name ? options->application_name : "hearth");
	pool->settings.is_patient = options->is_patient;
	pool->size = options->size ? options->size : DEFAULT_SIZE;
	pool->wait_ms = options->wait_ms ? options->wait_ms : DEFAULT_WAIT_MS;
	pool->free = mem_alloc_array(pool->size, sizeof(*pool->free));
	ASSERT(pthread_mutex_init(&pool->lock, NULL) == 0);
	ASSERT(pthread_condattr_init(&monotonic) == 0);
	ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	ASSERT(pthread_cond_init(&pool->returned, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
	return pool;
}

int db_pool_open(const struct db_pool_options *options, struct db_pool **pool, struct err *e)
{
	struct db_pool *made = pool_new(options);
	struct db *db = NULL;

	if (db_acquire(made, &db, e) < 0) {
		db_pool_close(made);
		return -(int)e->code;
	}
	db_release(db);
	*pool = made;
	return 0;
}

void db_pool_close(struct db_pool *pool)
{
	if (!pool)
		return;
	ASSERT(pool->magic == POOL_MAGIC);
	ASSERT(pool->free_count == pool->made);
	for (size_t i = 0; i < pool->free_count; i++)
		connection_close(pool->free[i]);
	pthread_cond_destroy(&pool->returned);
	pthread_mutex_destroy(&pool->lock);
	mem_free(pool->free);
	mem_free(pool->settings.conninfo);
	mem_free(pool->settings.application_name);
	pool->magic = 0;
	mem_free(pool);
}

void db_pool_count(struct db_pool *pool, struct db_pool_counts *counts)
{
	pthread_mutex_lock(&pool->lock);
	*counts = (struct db_pool_counts){ pool->made, pool->made - pool->free_count,
					   pool->reconnects, pool->waits };
	pthread_mutex_unlock(&pool->lock);
}

static struct timespec deadline_in(int64_t ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* A free or a new connection, or NULL after the wait. */
static struct db *take(struct db_pool *pool)
{
	struct timespec deadline = deadline_in(pool->wait_ms);
	struct db *db = NULL;

	pthread_mutex_lock(&pool->lock);
	if (pool->free_count == 0 && pool->made == pool->size)
		pool->waits++;
	while (pool->free_count == 0 && pool->made == pool->size) {
		if (pthread_cond_timedwait(&pool->returned, &pool->lock, &deadline) == ETIMEDOUT)
			break;
	}
	if (pool->free_count > 0) {
		db = pool->free[--pool->free_count];
	} else if (pool->made < pool->size) {
		pool->made++;
		db = connection_new(pool, &pool->settings);
	}
	pthread_mutex_unlock(&pool->lock);
	return db;
}

static void give_back(struct db *db)
{
	struct db_pool *pool = db->pool;

	pthread_mutex_lock(&pool->lock);
	ASSERT(pool->free_count < pool->made);
	pool->free[pool->free_count++] = db;
	pthread_cond_signal(&pool->returned);
	pthread_mutex_unlock(&pool->lock);
}

static bool is_broken(struct db_pool *pool)
{
	bool broken;

	pthread_mutex_lock(&pool->lock);
	broken = clock_monotonic_ms() < pool->broken_until_ms;
	pthread_mutex_unlock(&pool->lock);
	return broken;
}

static void note_attempt(struct db_pool *pool, bool has_failed)
{
	pthread_mutex_lock(&pool->lock);
	pool->reconnects++;
	pool->broken_until_ms = has_failed ? clock_monotonic_ms() + BREAK_MS : 0;
	pthread_mutex_unlock(&pool->lock);
}

/* Opens a dead connection, trying again until the wait is over. */
static int revive(struct db *db, struct err *e)
{
	struct db_pool *pool = db->pool;
	int64_t end = clock_monotonic_ms() + pool->wait_ms;
	int64_t pause_ms = 100;

	if (is_broken(pool))
		return err_set(e, ERR_UNAVAILABLE, "PostgreSQL did not answer a moment ago");
	while (connection_open(db, e) < 0) {
		if (clock_monotonic_ms() + pause_ms > end) {
			note_attempt(pool, true);
			return -ERR_UNAVAILABLE;
		}
		nanosleep(&(struct timespec){ 0, pause_ms * 1000000 }, NULL);
		pause_ms = pause_ms < 400 ? pause_ms * 2 : 800;
	}
	note_attempt(pool, false);
	return 0;
}

int db_acquire(struct db_pool *pool, struct db **db, struct err *e)
{
	struct db *taken;

	ASSERT(pool->magic == POOL_MAGIC);
	taken = take(pool);
	if (!taken)
		return err_set(e, ERR_BUSY, "The server is busy; try again in a moment.");
	if (!connection_is_alive(taken) && revive(taken, e) < 0) {
		give_back(taken);
		return -ERR_UNAVAILABLE;
	}
	taken->fault = FAULT_NONE;
	*db = taken;
	return 0;
}

void db_release(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	give_back(db);
}

void db_release_auto(struct db **db)
{
	db_release(*db);
	*db = NULL;
}

int db_ping(struct db *db, struct err *e)
{
	return connection_command(db, "", "ping", e);
}

int db_begin(struct db *db, struct err *e)
{
	ASSERT(!db->in_transaction);
	if (connection_command(db, "BEGIN", "begin", e) < 0) {
		/* Nothing has been sent that matters, so a lost connection may be replaced. */
		if (db->fault != FAULT_LOST || revive(db, e) < 0 ||
		    connection_command(db, "BEGIN", "begin", e) < 0)
			return -(int)e->code;
	}
	db->in_transaction = true;
	return 0;
}

int db_commit(struct db *db, struct err *e)
{
	PGTransactionStatusType status = PQtransactionStatus(db->conn);

	ASSERT(db->in_transaction);
	if (db->was_lost) {
		db_rollback(db);
		db->fault = FAULT_LOST;
		return err_set(e, ERR_UNAVAILABLE, "commit: the connection was lost before");
	}
	/* The server would turn COMMIT into ROLLBACK and call it success. */
	if (status == PQTRANS_INERROR) {
		db_rollback(db);
		db->fault = FAULT_OTHER;
		return err_set(e, ERR_INTERNAL, "commit: a statement of this transaction failed");
	}
	if (connection_command(db, "COMMIT", "commit", e) < 0) {
		enum db_fault fault = db->fault;

		db_rollback(db);
		db->fault = fault;
		if (fault == FAULT_LOST)
			e->code = ERR_OUTCOME_UNKNOWN;
		return -(int)e->code;
	}
	db->in_transaction = false;
	return 0;
}

void db_rollback(struct db *db)
{
	struct err ignored;

	if (!db->in_transaction)
		return;
	db->in_transaction = false;
	db->was_lost = false;
	if (PQstatus(db->conn) != CONNECTION_OK)
		return;
	/* A connection that cannot even roll back is opened again by the next db_acquire. */
	if (connection_command(db, "ROLLBACK", "rollback", &ignored) < 0) {
		PQfinish(db->conn);
		db->conn = NULL;
	}
}

bool db_in_transaction(const struct db *db)
{
	return db->in_transaction;
}

/* Whether all of it may run again. */
static bool may_repeat(struct db *db, const struct err *e)
{
	return e->code != ERR_OUTCOME_UNKNOWN &&
	       (db->fault == FAULT_LOST || db->fault == FAULT_CONTENTION ||
		db->fault == FAULT_STALE_PLAN);
}

static int run_once(struct db *db, db_work *work, void *closure, struct err *e)
{
	if (db_begin(db, e) < 0)
		return -(int)e->code;
	db->fault = FAULT_NONE;
	if (work(db, closure, e) < 0) {
		enum db_fault fault = db->fault;

		db_rollback(db);
		db->fault = fault;
		return -(int)e->code;
	}
	return db_commit(db, e);
}

int db_transaction(struct db *db, db_work *work, void *closure, struct err *e)
{
	if (db->in_transaction)
		return work(db, closure, e);
	for (int try = 1;; try++) {
		if (run_once(db, work, closure, e) == 0)
			return 0;
		if (try == TRANSACTION_TRIES || !may_repeat(db, e))
			return -(int)e->code;
		if (!connection_is_alive(db) && revive(db, e) < 0)
			return -(int)e->code;
	}
}

bool db_violated(const struct db *db, const char *constraint)
{
	return db->fault == FAULT_OTHER && str_eq_c(str_c(db->constraint), constraint);
}

const char *db_sqlstate(const struct db *db)
{
	return db->fault == FAULT_NONE ? "" : db->sqlstate;
}
