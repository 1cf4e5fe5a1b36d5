#include "support/database.h"

#include "support/check.h"

#include "base/mem.h"
#include "base/random.h"
#include "store/migrate.h"

#include <libpq-fe.h>

#define TEMPLATE "hearth_template"
/* Held while the template is looked for and made; tests of a run start together. */
#define LOCK_TEMPLATE "SELECT pg_advisory_lock(20170801)"

static PGconn *connect_to(const char *name)
{
	const char *cluster = getenv("HEARTH_TEST_POSTGRES");
	char conninfo[512];
	PGconn *c;

	if (!cluster)
		fail_msg("there is no database: run this by tests/support/with-postgres");
	snprintf(conninfo, sizeof(conninfo), "%s dbname=%s", cluster, name);
	c = PQconnectdb(conninfo);
	if (PQstatus(c) != CONNECTION_OK)
		fail_msg("%s", PQerrorMessage(c));
	return c;
}

static PGresult *run(PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	ExecStatusType status = PQresultStatus(r);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		fail_msg("%s: %s", sql, PQerrorMessage(c));
	return r;
}

PRINTF_LIKE(2, 3) static void run_only(PGconn *c, const char *format, ...)
{
	char sql[300];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	PQclear(run(c, sql));
}

static void migrate(const char *name)
{
	char conninfo[512];
	struct db_pool *pool = NULL;
	struct db *db = NULL;
	struct migrate_result result;
	struct err e;

	snprintf(conninfo, sizeof(conninfo), "%s dbname=%s", getenv("HEARTH_TEST_POSTGRES"), name);
	check_ok(db_pool_open(&(struct db_pool_options){ .conninfo = conninfo, .is_patient = true },
			      &pool, &e),
		 &e);
	check_ok(db_acquire(pool, &db, &e), &e);
	check_ok(migrate_run(db, &result, &e), &e);
	db_release(db);
	db_pool_close(pool);
}

static void need_template(PGconn *c)
{
	PGresult *r;

	PQclear(run(c, LOCK_TEMPLATE));
	r = run(c, "SELECT 1 FROM pg_database WHERE datname = '" TEMPLATE "'");
	if (PQntuples(r) == 0) {
		run_only(c, "DROP DATABASE IF EXISTS " TEMPLATE "_new");
		run_only(c, "CREATE DATABASE " TEMPLATE "_new");
		migrate(TEMPLATE "_new");
		/* The name says that it is whole. */
		run_only(c, "ALTER DATABASE " TEMPLATE "_new RENAME TO " TEMPLATE);
	}
	PQclear(r);
}

struct test_database *test_database_open(void)
{
	struct test_database *t = MEM_NEW(struct test_database);
	PGconn *c = connect_to("postgres");
	struct err e;

	t->arena = arena_open(0);
	snprintf(t->name, sizeof(t->name), "test_%s", random_hex(t->arena, 8).p);
	snprintf(t->conninfo, sizeof(t->conninfo), "%s dbname=%s", getenv("HEARTH_TEST_POSTGRES"),
		 t->name);
	need_template(c);
	run_only(c, "CREATE DATABASE %s TEMPLATE " TEMPLATE, t->name);
	PQfinish(c); /* gives the lock back */
	check_ok(db_pool_open(&(struct db_pool_options){ .conninfo = t->conninfo, .size = 8 },
			      &t->pool, &e),
		 &e);
	return t;
}

void test_database_close(struct test_database *t)
{
	PGconn *c = connect_to("postgres");

	db_pool_close(t->pool);
	run_only(c, "DROP DATABASE %s WITH (FORCE)", t->name);
	PQfinish(c);
	arena_close(t->arena);
	mem_free(t);
}

void test_database_exec(struct test_database *t, const char *sql)
{
	PGconn *c = connect_to(t->name);

	PQclear(run(c, sql));
	PQfinish(c);
}

const char *test_database_text(struct test_database *t, const char *sql)
{
	PGconn *c = connect_to(t->name);
	PGresult *r = run(c, sql);
	const char *text = NULL;

	if (PQntuples(r) > 0 && !PQgetisnull(r, 0, 0))
		text = arena_strdup(t->arena, PQgetvalue(r, 0, 0));
	PQclear(r);
	PQfinish(c);
	return text;
}

int64_t test_database_number(struct test_database *t, const char *sql)
{
	const char *text = test_database_text(t, sql);
	int64_t number = 0;

	if (!text || !str_to_i64(str_c(text), &number))
		fail_msg("%s gives no number but %s", sql, text ? text : "nothing");
	return number;
}
