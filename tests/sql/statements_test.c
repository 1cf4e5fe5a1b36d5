/*
 * make check-sql: every statement of sql/queries against a database that was
 * migrated from empty. PostgreSQL prepares it with the annotated parameter
 * types; what it then describes must be what `-- out:` says: number, order and
 * types of the columns, and no column without `?` whose table column may be
 * null (a COALESCE, or the `?`, says that the case was thought of).
 *
 * This reads libpq itself: it tests what store/ believes.
 */
#include "support/check.h"
#include "support/database.h"

#include "store/statement.h"

#include <libpq-fe.h>

static Oid type_oid(enum statement_type type)
{
	static const Oid oids[] = {
#define TYPE_OID(name, word, oid) [STATEMENT_##name] = oid,
		STATEMENT_TYPES(TYPE_OID)
#undef TYPE_OID
	};

	return oids[type];
}

static const char *type_word(enum statement_type type)
{
	static const char *const words[] = {
#define TYPE_WORD(name, word, oid) [STATEMENT_##name] = word,
		STATEMENT_TYPES(TYPE_WORD)
#undef TYPE_WORD
	};

	return words[type];
}

static size_t complain(const struct statement *st, const char *what, const char *detail)
{
	print_error("%s: %s: %s %s\n", st->source, st->name, what, detail);
	return 1;
}

static PGresult *describe(PGconn *c, const struct statement *st, size_t *found)
{
	Oid types[64];
	PGresult *r;

	for (size_t i = 0; i < st->param_count; i++)
		types[i] = type_oid(st->params[i].type);
	r = PQprepare(c, st->name, st->text, int_from_size(st->param_count), types);
	if (PQresultStatus(r) == PGRES_COMMAND_OK) {
		PQclear(r);
		r = PQdescribePrepared(c, st->name);
	}
	if (PQresultStatus(r) == PGRES_COMMAND_OK)
		return r;
	*found += complain(st, "PostgreSQL refuses it:", PQresultErrorMessage(r));
	PQclear(r);
	return NULL;
}

static const char *ask(struct test_database *t, PGconn *c, const char *sql)
{
	PGresult *r = PQexec(c, sql);
	const char *text = PQntuples(r) > 0 ? arena_strdup(t->arena, PQgetvalue(r, 0, 0)) : NULL;

	PQclear(r);
	return text;
}

/* Known for columns of tables only; not for views and expressions. */
static bool may_be_null(struct test_database *t, PGconn *c, const PGresult *r, int i)
{
	return PQftable(r, i) != InvalidOid &&
	       ask(t, c,
		   arena_strf(t->arena,
			      "SELECT 1 FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
			      "WHERE relkind IN ('r', 'p') AND NOT attnotnull "
			      "AND attrelid = %u AND attnum = %d",
			      PQftable(r, i), PQftablecol(r, i))) != NULL;
}

/* Values are read by position; an expression needs no name. But another column has this one. */
static bool is_swapped(const struct statement *st, const PGresult *r, size_t i)
{
	const char *name = st->columns[i].name;

	if (strcmp(PQfname(r, int_from_size(i)), name) == 0)
		return false;
	for (size_t k = 0; k < st->column_count; k++) {
		if (strcmp(PQfname(r, int_from_size(k)), name) == 0)
			return true;
	}
	return false;
}

static size_t check_column(struct test_database *t, PGconn *c, const struct statement *st,
			   const PGresult *r, size_t i)
{
	const struct statement_field *column = &st->columns[i];
	int at = int_from_size(i);
	size_t found = 0;

	if (is_swapped(st, r, i))
		found += complain(st, "columns are in another order than out says:", column->name);
	if (PQftype(r, at) != type_oid(column->type))
		found += complain(st,
				  arena_strf(t->arena, "column %s is annotated %s, but has type",
					     column->name, type_word(column->type)),
				  test_database_text(t, arena_strf(t->arena, "SELECT %u::regtype",
								   PQftype(r, at))));
	if (!column->nullable && may_be_null(t, c, r, at))
		found += complain(st,
				  "may be null in the table; write ? or COALESCE:", column->name);
	return found;
}

static size_t check_statement(struct test_database *t, PGconn *c, const struct statement *st)
{
	size_t found = 0;
	PGresult *r = describe(c, st, &found);

	if (r == NULL)
		return found;
	/* a SELECT that is run for what it does (:exec) may give a row, which is dropped */
	if (st->kind != STATEMENT_EXEC && PQnfields(r) != int_from_size(st->column_count)) {
		PQclear(r);
		return complain(st, "gives another number of columns than",
				arena_strf(t->arena, "%zu", st->column_count));
	}
	for (size_t i = 0; i < st->column_count; i++)
		found += check_column(t, c, st, r, i);
	if (PQnparams(r) != int_from_size(st->param_count))
		found += complain(st, "takes another number of parameters than",
				  arena_strf(t->arena, "%zu", st->param_count));
	PQclear(r);
	return found;
}

static void every_statement_is_what_its_head_says(void **state UNUSED)
{
	struct test_database *t = test_database_open();
	PGconn *c = PQconnectdb(t->conninfo);
	size_t found = 0;

	check_int(PQstatus(c), CONNECTION_OK);
	for (size_t i = 0; i < q_statement_count; i++)
		found += check_statement(t, c, q_statements[i]);
	PQfinish(c);
	test_database_close(t);
	if (found > 0)
		fail_msg("%zu findings in %zu statements", found, q_statement_count);
}

static void statements_are_numbered_by_their_place(void **state UNUSED)
{
	for (size_t i = 0; i < q_statement_count; i++)
		check_int(q_statements[i]->number, i);
	check_true(q_statements[q_statement_count] == NULL);
}

RUN_TESTS(TEST(every_statement_is_what_its_head_says), TEST(statements_are_numbered_by_their_place))
