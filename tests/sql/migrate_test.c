/* Forward only: what is refused, what a failure leaves, and two at once. */
#include "store/migrate.h"

#include "support/check.h"
#include "support/database.h"

#include <pthread.h>

#define NUMBER 9000

struct fixture {
	struct test_database *database;
	struct db *db;
	struct migration *list; /* the compiled one and room for two more */
	size_t count;
	struct err e;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	const struct migration *compiled = migrate_list(&f->count);

	f->database = test_database_open();
	check_ok(db_acquire(f->database->pool, &f->db, &f->e), &f->e);
	f->list = ARENA_ARRAY(f->database->arena, struct migration, f->count + 2);
	memcpy(f->list, compiled, f->count * sizeof(*compiled));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	db_release(f->db);
	test_database_close(f->database);
	test_free(f);
	return 0;
}

static void add(struct fixture *f, int number, const char *name, const char *sql)
{
	f->list[f->count++] = (struct migration){ number, name, sql, strlen(sql) };
}

static int run(struct fixture *f, struct migrate_result *result)
{
	return migrate_run_list(f->db, f->list, f->count, result, &f->e);
}

static void what_has_run_is_not_run_again(void **state)
{
	struct fixture *f = *state;
	struct migrate_result result;

	check_ok(run(f, &result), &f->e);
	check_int(result.applied, 0);
	check_int(result.before, result.after);
	add(f, NUMBER, "9000_extra",
	    "CREATE TABLE extra (id bigint); INSERT INTO extra VALUES (1)");
	check_ok(run(f, &result), &f->e);
	check_int(result.applied, 1);
	check_int(result.after, NUMBER);
	check_ok(run(f, &result), &f->e);
	check_int(result.applied, 0);
	check_int(test_database_number(f->database, "SELECT count(*) FROM extra"), 1);
}

static void a_newer_database_is_refused_with_a_sentence(void **state)
{
	struct fixture *f = *state;
	struct migrate_result result;

	add(f, NUMBER, "9000_extra", "CREATE TABLE extra (id bigint)");
	check_ok(run(f, &result), &f->e);
	f->count--;
	check_err(run(f, &result), &f->e, ERR_PRECONDITION,
		  "newer than this program: it has migration 9000_extra");
	check_err(migrate_check(f->db, &f->e), &f->e, ERR_PRECONDITION, "newer");
}

static void an_older_database_says_what_to_run(void **state)
{
	struct fixture *f = *state;

	check_ok(migrate_check(f->db, &f->e), &f->e);
	test_database_exec(f->database, "DELETE FROM schema_migration WHERE number = 1");
	check_err(migrate_check(f->db, &f->e), &f->e, ERR_PRECONDITION, "runs: hearth migrate");
	test_database_exec(f->database, "DROP TABLE schema_migration");
	check_err(migrate_check(f->db, &f->e), &f->e, ERR_PRECONDITION, "older than this program");
}

static void an_edited_migration_is_refused(void **state)
{
	struct fixture *f = *state;
	struct migrate_result result;

	f->list[1].sql = "SELECT 1";
	f->list[1].length = 8;
	check_err(run(f, &result), &f->e, ERR_PRECONDITION, "differs from the one that ran");
}

static void a_failing_migration_leaves_the_ones_before_it(void **state)
{
	struct fixture *f = *state;
	struct migrate_result result;

	add(f, NUMBER, "9000_good", "CREATE TABLE good (id bigint)");
	add(f, NUMBER + 1, "9001_bad", "CREATE TABLE bad (id bigint); SELECT 1/0");
	check_err(run(f, &result), &f->e, ERR_INTERNAL, "migration 9001_bad");
	check_int(test_database_number(f->database, "SELECT max(number) FROM schema_migration"),
		  NUMBER);
	check_true(test_database_text(f->database, "SELECT to_regclass('bad')::text") == NULL);
	f->list[f->count - 1] = (struct migration){ NUMBER + 1, "9001_bad", "SELECT 1", 8 };
	check_ok(run(f, &result), &f->e);
	check_int(result.applied, 1);
}

struct racer {
	struct fixture *f;
	struct migrate_result result;
	int code;
};

static void *race(void *closure)
{
	struct racer *r = closure;
	struct db *db = NULL;
	struct err e;

	r->code = db_acquire(r->f->database->pool, &db, &e);
	if (r->code == 0)
		r->code = migrate_run_list(db, r->f->list, r->f->count, &r->result, &e);
	db_release(db);
	return NULL;
}

static void of_two_at_once_one_migrates(void **state)
{
	struct fixture *f = *state;
	struct racer racers[2] = { { .f = f }, { .f = f } };
	pthread_t threads[2];

	add(f, NUMBER, "9000_slow", "SELECT pg_sleep(0.2); CREATE TABLE slow (id bigint)");
	for (size_t i = 0; i < 2; i++)
		check_int(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	check_int(racers[0].code, 0);
	check_int(racers[1].code, 0);
	check_int(racers[0].result.applied + racers[1].result.applied, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN_TESTS(CASE(what_has_run_is_not_run_again), CASE(a_newer_database_is_refused_with_a_sentence),
	  CASE(an_older_database_says_what_to_run), CASE(an_edited_migration_is_refused),
	  CASE(a_failing_migration_leaves_the_ones_before_it), CASE(of_two_at_once_one_migrates))
