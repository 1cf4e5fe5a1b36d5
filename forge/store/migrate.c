/*
 * Migrations, in order, each in a transaction of its own with the row that
 * records it. Number 0 makes the record table and is run each time.
 */
#include "store/migrate.h"

#include "store/connection.h"

#include "migrations.h"
#include "q/schema.h"

const struct migration *migrate_list(size_t *count)
{
	*count = migrations_count;
	return migrations;
}

/* PostgreSQL computes it: libsodium is not this folder's. */
static int digest(struct db *db, struct arena *a, const struct migration *m, struct str *sha256,
		  struct err *e)
{
	struct q_schema_digest_row row;

	if (q_schema_digest(db, &(struct q_schema_digest_in){ str_n(m->sql, m->length) }, a, &row,
			    e) < 0)
		return -(int)e->code;
	*sha256 = row.sha256;
	return 0;
}

struct applied {
	struct q_schema_list_row *rows;
	size_t count;
};

static const struct q_schema_list_row *find_applied(const struct applied *applied, int number)
{
	for (size_t i = 0; i < applied->count; i++) {
		if (applied->rows[i].number == number)
			return &applied->rows[i];
	}
	return NULL;
}

static const struct migration *find_known(const struct migration *list, size_t count, int number)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].number == number)
			return &list[i];
	}
	return NULL;
}

static int highest(const struct applied *applied)
{
	return applied->count > 0 ? applied->rows[applied->count - 1].number : 0;
}

/* Every migration that ran is one we know, with the text we know. */
static int compare(struct db *db, struct arena *a, const struct migration *list, size_t count,
		   const struct applied *applied, struct err *e)
{
	struct str sha256;

	for (size_t i = 0; i < applied->count; i++) {
		const struct q_schema_list_row *row = &applied->rows[i];
		const struct migration *m = find_known(list, count, row->number);

		if (!m)
			return err_set(e, ERR_PRECONDITION,
				       "The database is newer than this program: it has migration "
				       "%.*s, which this program does not know. Run the newer "
				       "program, or restore a backup from before the update.",
				       STR_FMT(row->name));
		if (digest(db, a, m, &sha256, e) < 0)
			return -(int)e->code;
		if (!str_eq(row->sha256, sha256))
			return err_set(
				e, ERR_PRECONDITION,
				"Migration %s of this program differs from the one that ran "
				"on this database. Run the program that made the database; a "
				"migration that has run must never be edited.",
				m->name);
	}
	return 0;
}

static int read_applied(struct db *db, struct arena *a, struct applied *applied, struct err *e)
{
	struct q_schema_exists_row exists;

	*applied = (struct applied){ NULL, 0 };
	if (q_schema_exists(db, a, &exists, e) < 0)
		return -(int)e->code;
	if (!exists.has_table)
		return 0;
	return q_schema_list(db, a, &applied->rows, &applied->count, e);
}

struct step {
	const struct migration *migration;
	struct str sha256;
};

static int apply(struct db *db, void *closure, struct err *e)
{
	struct step *step = closure;
	const struct migration *m = step->migration;

	if (connection_command(db, m->sql, m->name, e) < 0)
		return -(int)e->code;
	if (m->number == 0)
		return 0;
	return q_schema_add(
		db, &(struct q_schema_add_in){ m->number, str_c(m->name), step->sha256 }, NULL, e);
}

static int apply_missing(struct db *db, struct arena *a, const struct migration *list, size_t count,
			 const struct applied *applied, struct migrate_result *result,
			 struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		struct step step = { .migration = &list[i] };

		if (find_applied(applied, list[i].number))
			continue;
		if (digest(db, a, &list[i], &step.sha256, e) < 0 ||
		    db_transaction(db, apply, &step, e) < 0)
			return err_add(e, "migration %s", list[i].name);
		if (list[i].number > 0) {
			result->applied++;
			result->after = list[i].number;
		}
	}
	return 0;
}

static int run_locked(struct db *db, struct arena *a, const struct migration *list, size_t count,
		      struct migrate_result *result, struct err *e)
{
	struct applied applied;

	if (read_applied(db, a, &applied, e) < 0 || compare(db, a, list, count, &applied, e) < 0)
		return -(int)e->code;
	result->before = highest(&applied);
	result->after = result->before;
	return apply_missing(db, a, list, count, &applied, result, e);
}

int migrate_run_list(struct db *db, const struct migration *list, size_t count,
		     struct migrate_result *result, struct err *e)
{
	struct arena *a;
	struct err ignored;
	struct migrate_result made = { 0 };
	int code;

	/* Held by the session, over all the transactions; it ends with the connection too. */
	if (q_schema_lock(db, NULL, e) < 0)
		return -(int)e->code;
	a = arena_open(0);
	code = run_locked(db, a, list, count, &made, e);
	arena_close(a);
	if (q_schema_unlock(db, NULL, &ignored) < 0 && code == 0) {
		*e = ignored;
		return -(int)e->code;
	}
	if (code == 0)
		*result = made;
	return code;
}

int migrate_run(struct db *db, struct migrate_result *result, struct err *e)
{
	return migrate_run_list(db, migrations, migrations_count, result, e);
}

int migrate_check(struct db *db, struct err *e)
{
	struct arena *a = arena_open(0);
	struct applied applied;
	int code;

	code = read_applied(db, a, &applied, e);
	if (code == 0)
		code = compare(db, a, migrations, migrations_count, &applied, e);
	for (size_t i = 0; code == 0 && i < migrations_count; i++) {
		if (migrations[i].number > 0 && !find_applied(&applied, migrations[i].number))
			code = err_set(
				e, ERR_PRECONDITION,
				"The database is older than this program: migration %s has not "
				"run. An administrator runs: hearth migrate",
				migrations[i].name);
	}
	arena_close(a);
	return code;
}
