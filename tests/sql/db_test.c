/*
 * The pool and transactions when things go wrong: connections that die idle,
 * in a statement, in a transaction, at COMMIT; conflicts, time-outs, bad text.
 */
#include "store/connection.h"

#include "support/check.h"
#include "support/database.h"

#include "q/rate.h"
#include "q/schema.h"
#include "q/user.h"

#include <pthread.h>

struct fixture {
	struct test_database *database;
	struct db_pool *pool;
	struct db *db;
	struct arena *a;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	f->database = test_database_open();
	f->a = arena_open(0);
	check_ok(db_pool_open(&(struct db_pool_options){ .conninfo = f->database->conninfo,
							 .size = 2,
							 .application_name = "victim",
							 .wait_ms = 300 },
			      &f->pool, &f->e),
		 &f->e);
	check_ok(db_acquire(f->pool, &f->db, &f->e), &f->e);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	db_release(f->db);
	db_pool_close(f->pool);
	arena_close(f->a);
	test_database_close(f->database);
	test_free(f);
	return 0;
}

/* All connections of the pool, from the server's side; returns when they are gone. */
static void kill_connections(struct fixture *f)
{
	test_database_exec(f->database,
			   "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
			   "WHERE application_name = 'victim'");
}

static int read_something(struct fixture *f)
{
	struct q_user_count_row row;

	return q_user_count(f->db, f->a, &row, &f->e);
}

static int hit(struct db *db, const char *key, struct err *e)
{
	return q_rate_add(db, &(struct q_rate_add_in){ str_c(key), 60 }, NULL, e);
}

static int64_t hits(struct fixture *f)
{
	return test_database_number(f->database, "SELECT coalesce(sum(hits), 0) FROM rate_counter");
}

static void a_connection_that_died_idle_is_replaced_before_it_is_lent(void **state)
{
	struct fixture *f = *state;
	struct db_pool_counts counts;

	check_ok(hit(f->db, "k", &f->e), &f->e);
	db_release(f->db);
	kill_connections(f);
	check_ok(db_acquire(f->pool, &f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	check_int(hits(f), 2);
	db_pool_count(f->pool, &counts);
	check_int(counts.open, 1);
	check_int(counts.lent, 1);
	check_true(counts.reconnects >= 2);
}

static void a_read_is_repeated_over_a_new_connection(void **state)
{
	struct fixture *f = *state;

	check_ok(read_something(f), &f->e);
	kill_connections(f);
	check_ok(read_something(f), &f->e);
}

static void a_write_is_never_repeated(void **state)
{
	struct fixture *f = *state;

	check_ok(hit(f->db, "k", &f->e), &f->e);
	kill_connections(f);
	check_err(hit(f->db, "k", &f->e), &f->e, ERR_UNAVAILABLE, "rate_add");
	db_release(f->db);
	check_ok(db_acquire(f->pool, &f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	check_int(hits(f), 2);
}

static void a_lost_transaction_writes_nothing_and_says_so(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	kill_connections(f);
	check_err(read_something(f), &f->e, ERR_UNAVAILABLE, "");
	check_err(hit(f->db, "k", &f->e), &f->e, ERR_UNAVAILABLE, "lost in this transaction");
	check_err(db_commit(f->db, &f->e), &f->e, ERR_UNAVAILABLE, "lost before");
	check_false(db_in_transaction(f->db));
	check_int(hits(f), 0);
}

static void a_commit_without_an_answer_is_of_unknown_outcome(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	kill_connections(f);
	check_err(db_commit(f->db, &f->e), &f->e, ERR_OUTCOME_UNKNOWN, "commit");
	check_false(db_in_transaction(f->db));
	check_false(err_is_public(f->e.code));
}

static void a_commit_after_a_failed_statement_is_no_success(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	check_true(connection_command(f->db, "SELECT 1/0", "x", &f->e) < 0);
	check_err(db_commit(f->db, &f->e), &f->e, ERR_INTERNAL, "a statement of this transaction");
	check_int(hits(f), 0);
}

struct tries {
	struct fixture *f;
	int count;
	int fail_first;
	const char *sql; /* fails with it, or by killing the connection if NULL */
};

static int work(struct db *db, void *closure, struct err *e)
{
	struct tries *t = closure;

	t->count++;
	if (hit(db, "k", e) < 0)
		return -(int)e->code;
	if (t->count > t->fail_first)
		return 0;
	if (t->sql)
		return connection_command(db, t->sql, "work", e);
	kill_connections(t->f);
	return hit(db, "k", e);
}

#define RAISE(code) "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" code "'; END $$"

static void transactions_are_repeated_when_that_can_help(void **state)
{
	static const struct {
		const char *sql;
		int fail_first;
		int tries;
		enum err_code code;
	} cases[] = {
		{ RAISE("40001"), 2, 3, ERR_NONE },     { RAISE("40P01"), 1, 2, ERR_NONE },
		{ RAISE("40001"), 9, 3, ERR_CONFLICT }, { RAISE("23505"), 9, 1, ERR_CONFLICT },
		{ "SELECT 1/0", 9, 1, ERR_INTERNAL },   { NULL, 1, 2, ERR_NONE },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tries t = { f, 0, cases[i].fail_first, cases[i].sql };
		int64_t before = hits(f);

		check_int(db_transaction(f->db, work, &t, &f->e), -(int)cases[i].code);
		check_int(t.count, cases[i].tries);
		check_int(hits(f) - before, cases[i].code == ERR_NONE ? 1 : 0);
	}
}

static int join(struct db *db, void *closure, struct err *e)
{
	return db_transaction(db, work, closure, e);
}

static void an_inner_transaction_joins_the_outer(void **state)
{
	struct fixture *f = *state;
	struct tries t = { f, 0, 1, RAISE("40001") };

	check_ok(db_transaction(f->db, join, &t, &f->e), &f->e);
	check_int(t.count, 2);
	check_int(hits(f), 1);
}

static void plans_that_are_gone_are_made_again(void **state)
{
	struct fixture *f = *state;

	check_ok(hit(f->db, "k", &f->e), &f->e);
	check_ok(connection_command(f->db, "DEALLOCATE ALL", "x", &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	check_int(hits(f), 2);
}

static void a_full_pool_is_busy_after_the_wait(void **state)
{
	struct fixture *f = *state;
	struct db *second = NULL;
	struct db *third = NULL;

	check_ok(db_acquire(f->pool, &second, &f->e), &f->e);
	check_err(db_acquire(f->pool, &third, &f->e), &f->e, ERR_BUSY, "busy");
	db_release(second);
	check_ok(db_acquire(f->pool, &third, &f->e), &f->e);
	db_release(third);
}

static void a_transaction_left_open_is_rolled_back_at_the_return(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db, &f->e), &f->e);
	check_ok(hit(f->db, "k", &f->e), &f->e);
	db_release(f->db);
	check_ok(db_acquire(f->pool, &f->db, &f->e), &f->e);
	check_false(db_in_transaction(f->db));
	check_int(hits(f), 0);
}

static void errors_have_the_code_of_their_meaning(void **state)
{
	static const struct {
		const char *sql;
		enum err_code code;
		const char *part;
	} cases[] = {
		{ RAISE("23503"), ERR_CONFLICT, "belongs to" },
		{ "SET statement_timeout = 20; SELECT pg_sleep(5)", ERR_TIMEOUT, "57014" },
		{ RAISE("55P03"), ERR_TIMEOUT, "" },
		{ RAISE("53100"), ERR_DISK_FULL, "" },
		{ RAISE("22021"), ERR_INVALID, "not UTF-8" },
		{ "SELECT nonsense", ERR_INTERNAL, "does not exist" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_err(connection_command(f->db, cases[i].sql, "x", &f->e), &f->e, cases[i].code,
			  cases[i].part);
	check_ok(db_ping(f->db, &f->e), &f->e);
	check_c(db_sqlstate(f->db), "");
}

static void text_that_is_none_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct q_rate_add_in zero = { str_n("a\0b", 3), 1 };

	check_err(q_rate_add(f->db, &zero, NULL, &f->e), &f->e, ERR_INVALID, "zero byte");
	check_err(hit(f->db, "a\xff", &f->e), &f->e, ERR_INVALID, "not UTF-8");
	check_ok(db_ping(f->db, &f->e), &f->e);
}

static void a_violated_constraint_is_known_by_name(void **state)
{
	struct fixture *f = *state;
	const struct q_user_add_in in = { STR("ann"),   STR("Ann"), STR("a@b"),
					  STR("human"), false,      STR_NONE };
	struct q_user_add_row row;

	check_ok(q_user_add(f->db, &in, f->a, &row, &f->e), &f->e);
	check_false(db_violated(f->db, "users_username_unique"));
	check_err(q_user_add(f->db, &in, f->a, &row, &f->e), &f->e, ERR_CONFLICT,
		  "users_username_unique");
	check_true(db_violated(f->db, "users_username_unique"));
	check_c(db_sqlstate(f->db), "23505");
}

static void *use_the_pool(void *closure)
{
	struct db_pool *pool = closure;
	struct err e;

	for (int i = 0; i < 50; i++) {
		struct db *db = NULL;

		if (db_acquire(pool, &db, &e) < 0 || hit(db, "threads", &e) < 0)
			return closure;
		db_release(db);
	}
	return NULL;
}

static void many_threads_share_a_small_pool(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[8];
	void *failed;

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		check_int(pthread_create(&threads[i], NULL, use_the_pool, f->database->pool), 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		pthread_join(threads[i], &failed);
		check_true(failed == NULL);
	}
	check_int(hits(f), 8 * 50);
}

static void no_server_is_an_error_and_fast_after_the_first(void **state UNUSED)
{
	struct db_pool *pool = NULL;
	struct err e;

	check_err(db_pool_open(&(struct db_pool_options){ .conninfo = "host=/nonexistent dbname=x",
							  .wait_ms = 200 },
			       &pool, &e),
		  &e, ERR_UNAVAILABLE, "PostgreSQL: ");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(a_connection_that_died_idle_is_replaced_before_it_is_lent),
	  CASE(a_read_is_repeated_over_a_new_connection), CASE(a_write_is_never_repeated),
	  CASE(a_lost_transaction_writes_nothing_and_says_so),
	  CASE(a_commit_without_an_answer_is_of_unknown_outcome),
	  CASE(a_commit_after_a_failed_statement_is_no_success),
	  CASE(transactions_are_repeated_when_that_can_help),
	  CASE(an_inner_transaction_joins_the_outer), CASE(plans_that_are_gone_are_made_again),
	  CASE(a_full_pool_is_busy_after_the_wait),
	  CASE(a_transaction_left_open_is_rolled_back_at_the_return),
	  CASE(errors_have_the_code_of_their_meaning), CASE(text_that_is_none_is_refused),
	  CASE(a_violated_constraint_is_known_by_name), CASE(many_threads_share_a_small_pool),
	  TEST(no_server_is_an_error_and_fast_after_the_first))
