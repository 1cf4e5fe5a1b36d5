/*
 * Runs a descriptor: prepares it on this connection the first time, sends the
 * parameters in binary, checks the shape of the answer against the descriptor
 * (a schema that has drifted is an error, never a misread row) and decodes.
 */
#include "store/connection.h"
#include "store/value.h"

#define PARAMS_MAX 64

struct params {
	const char *values[PARAMS_MAX];
	int lengths[PARAMS_MAX];
	int formats[PARAMS_MAX];
};

static int encode(struct db *db, const struct statement *st, const void *in, struct params *params,
		  struct err *e)
{
	ASSERT(st->param_count <= PARAMS_MAX);
	for (size_t i = 0; i < st->param_count; i++) {
		struct value_bytes bytes;

		if (value_encode(&st->params[i], in, db->scratch, &bytes, e) < 0)
			return e->code == ERR_INTERNAL ? err_add(e, "%s", st->name) : -(int)e->code;
		params->values[i] = bytes.p;
		params->lengths[i] = bytes.n;
		params->formats[i] = 1;
	}
	return 0;
}

static int prepare(struct db *db, const struct statement *st, struct err *e)
{
	Oid types[PARAMS_MAX];

	if (db->is_prepared[st->number])
		return 0;
	for (size_t i = 0; i < st->param_count; i++)
		types[i] = value_oid(st->params[i].type);
	AUTO_PGRESULT result =
		PQprepare(db->conn, st->name, st->text, int_from_size(st->param_count), types);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		return connection_fail(db, result, st->name, e);
	db->is_prepared[st->number] = true;
	return 0;
}

/* One try. On success *result holds rows or a command's end. */
static int send_once(struct db *db, const struct statement *st, const struct params *params,
		     PGresult **result, struct err *e)
{
	ExecStatusType status;

	db->fault = FAULT_NONE;
	if (prepare(db, st, e) < 0)
		return -(int)e->code;
	*result = PQexecPrepared(db->conn, st->name, int_from_size(st->param_count), params->values,
				 params->lengths, params->formats, 1);
	status = PQresultStatus(*result);
	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return 0;
	connection_fail(db, *result, st->name, e);
	PQclear(*result);
	*result = NULL;
	return -(int)e->code;
}

static bool is_read(const struct statement *st)
{
	return str_starts_nocase(str_trim(str_c(st->text)), STR("select"));
}

/* Whether a statement that failed may be sent again by itself. */
static bool may_repeat(struct db *db, const struct statement *st, bool was_sent)
{
	if (db->in_transaction)
		return false;
	if (db->fault == FAULT_STALE_PLAN)
		return true;
	return db->fault == FAULT_LOST && (is_read(st) || !was_sent);
}

static int deallocate(struct db *db, struct err *e)
{
	return connection_command(db, "DEALLOCATE ALL", "deallocate", e);
}

static int send_encoded(struct db *db, const struct statement *st, const struct params *params,
			PGresult **result, struct err *e)
{
	enum db_fault fault;

	if (db->was_lost)
		return err_set(e, ERR_UNAVAILABLE,
			       "%s: the connection was lost in this transaction", st->name);
	if (send_once(db, st, params, result, e) == 0)
		return 0;
	if (!may_repeat(db, st, db->is_prepared[st->number]))
		return -(int)e->code;
	fault = db->fault;
	if (fault == FAULT_STALE_PLAN ? deallocate(db, e) < 0 : connection_open(db, e) < 0)
		return -(int)e->code;
	return send_once(db, st, params, result, e);
}

static int run(struct db *db, const struct statement *st, const void *in, PGresult **result,
	       struct err *e)
{
	struct params params;
	struct arena_mark mark = arena_mark(db->scratch);
	int code = encode(db, st, in, &params, e);

	if (code == 0)
		code = send_encoded(db, st, &params, result, e);
	arena_reset(db->scratch, mark);
	return code;
}

static int check_columns(const struct statement *st, const PGresult *result, struct err *e)
{
	if (PQnfields(result) != int_from_size(st->column_count))
		return err_set(e, ERR_INTERNAL, "%s: %d columns where %zu were said", st->name,
			       PQnfields(result), st->column_count);
	for (int i = 0; i < PQnfields(result); i++) {
		if (PQftype(result, i) != value_oid(st->columns[i].type))
			return err_set(e, ERR_INTERNAL, "%s: column %s has another type than said",
				       st->name, st->columns[i].name);
	}
	return 0;
}

static int decode(const struct statement *st, const PGresult *result, int at, struct arena *a,
		  void *row, struct err *e)
{
	for (int i = 0; i < PQnfields(result); i++) {
		struct value_bytes bytes = { PQgetvalue(result, at, i),
					     PQgetlength(result, at, i) };

		if (PQgetisnull(result, at, i))
			bytes.p = NULL;
		if (value_decode(&st->columns[i], bytes, a, row, e) < 0)
			return err_add(e, "%s", st->name);
	}
	return 0;
}

static int decode_all(const struct statement *st, const PGresult *result, struct arena *a,
		      void **rows, size_t *count, struct err *e)
{
	size_t n = (size_t)PQntuples(result);
	char *made;

	if (check_columns(st, result, e) < 0)
		return -(int)e->code;
	made = n > 0 ? arena_alloc_array(a, n, st->row_size) : NULL;
	for (size_t i = 0; i < n; i++) {
		if (decode(st, result, int_from_size(i), a, made + i * st->row_size, e) < 0)
			return -(int)e->code;
	}
	*rows = made;
	*count = n;
	return 0;
}

int statement_many(struct db *db, const struct statement *st, const void *in, struct arena *a,
		   void **rows, size_t *count, struct err *e)
{
	AUTO_PGRESULT result = NULL;

	if (run(db, st, in, &result, e) < 0)
		return -(int)e->code;
	return decode_all(st, result, a, rows, count, e);
}

int statement_find(struct db *db, const struct statement *st, const void *in, struct arena *a,
		   void *row, bool *found, struct err *e)
{
	void *rows = NULL;
	size_t count = 0;

	if (statement_many(db, st, in, a, &rows, &count, e) < 0)
		return -(int)e->code;
	if (count > 1)
		return err_set(e, ERR_INTERNAL, "%s: %zu rows where one was expected", st->name,
			       count);
	if (count == 1)
		memcpy(row, rows, st->row_size);
	*found = count == 1;
	return 0;
}

int statement_one(struct db *db, const struct statement *st, const void *in, struct arena *a,
		  void *row, struct err *e)
{
	bool found;

	if (statement_find(db, st, in, a, row, &found, e) < 0)
		return -(int)e->code;
	if (!found)
		return err_set(e, ERR_NOT_FOUND,
			       "There is nothing here, or you are not allowed to see it.");
	return 0;
}

int statement_exec(struct db *db, const struct statement *st, const void *in, int64_t *affected,
		   struct err *e)
{
	AUTO_PGRESULT result = NULL;
	int64_t n = 0;

	if (run(db, st, in, &result, e) < 0)
		return -(int)e->code;
	if (affected) {
		/* Empty for commands that count nothing. */
		struct str text = str_c(PQcmdTuples(result));

		if (!str_is_empty(text) && !str_to_i64(text, &n))
			return err_set(e, ERR_INTERNAL, "%s: no count in the answer", st->name);
		*affected = n;
	}
	return 0;
}
