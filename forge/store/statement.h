/*
 * What a statement of sql/queries is at run time, and the four functions that
 * run one. Nobody calls these but the code that scripts/sqlgen generates
 * (build/gen/q/<noun>.c): one const descriptor a statement, a typed struct for
 * its parameters and its row, and a typed function that hands both over here.
 * Call that function: q_user_by_name(db, &in, arena, &row, e).
 *
 * Values travel by descriptor: `offset` says where in the generated struct a
 * field lives, `type` which C type it has there. The generator writes struct
 * and descriptor from the same line, so they cannot disagree; `make check-sql`
 * proves the annotations against PostgreSQL.
 *
 *   int8, int4, float8, bool   int64_t, int32_t, double, bool; if nullable with
 *                              a `bool has_<name>` beside (at has_offset)
 *   text, jsonb, bytea         struct str; null is STR_NONE, an empty value is not
 *   timestamptz                struct instant, has_ flag as above
 *   text[], int8[]             struct str_list, struct i64_list, has_ flag as above;
 *                              elements are never null
 *
 * A none string for a parameter that is not nullable is a mistake of the caller
 * and answered with ERR_INTERNAL naming statement and parameter.
 *
 * Errors: ERR_NOT_FOUND from statement_one when there is no row; ERR_CONFLICT
 * when PostgreSQL reports a unique, exclusion or foreign key violation;
 * anything else as store/db.h says. More than one row for :one and :find is
 * ERR_INTERNAL: such a statement needs LIMIT 1 or a better WHERE.
 *
 * Ownership: rows and all strings in them live in the arena given.
 * Threads: descriptors are const; a struct db belongs to one thread at a time.
 */
#ifndef STORE_STATEMENT_H
#define STORE_STATEMENT_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"

struct db;

/* X(enum, name in annotations and in pg_type, oid of pg_type.dat, which never changes) */
#define STATEMENT_TYPES(X)                  \
	X(BOOL, "bool", 16)                 \
	X(BYTEA, "bytea", 17)               \
	X(INT8, "int8", 20)                 \
	X(INT4, "int4", 23)                 \
	X(TEXT, "text", 25)                 \
	X(FLOAT8, "float8", 701)            \
	X(TEXT_ARRAY, "text[]", 1009)       \
	X(INT8_ARRAY, "int8[]", 1016)       \
	X(TIMESTAMPTZ, "timestamptz", 1184) \
	X(JSONB, "jsonb", 3802)

enum statement_type {
#define STATEMENT_ENUM(name, word, oid) STATEMENT_##name,
	STATEMENT_TYPES(STATEMENT_ENUM)
#undef STATEMENT_ENUM
};

enum statement_kind {
	STATEMENT_ONE,
	STATEMENT_FIND,
	STATEMENT_MANY,
	STATEMENT_EXEC,
};

#define STATEMENT_NO_FLAG SIZE_MAX

/* A parameter or a column. */
struct statement_field {
	const char *name;
	enum statement_type type;
	bool nullable;
	size_t offset;     /* of the value in the struct */
	size_t has_offset; /* of its has_ flag, or STATEMENT_NO_FLAG */
};

struct statement {
	size_t number;      /* 0 .. q_statement_count - 1; for a set of what is prepared */
	const char *name;   /* also the name it is prepared under */
	const char *text;   /* with $1.. in the order of params */
	const char *source; /* sql/queries/user.sql:12 */
	enum statement_kind kind;
	const struct statement_field *params;
	size_t param_count;
	const struct statement_field *columns;
	size_t column_count;
	size_t row_size;
};

/* Every statement there is, by number (generated: build/gen/q/all.c). */
extern const struct statement *const q_statements[];
extern const size_t q_statement_count;

/* in: the statement's parameter struct, NULL if it has none. row: its row struct. */
MUST_USE int statement_one(struct db *db, const struct statement *st, const void *in,
			   struct arena *a, void *row, struct err *e);
/* As statement_one, but no row is success with *found = false and row untouched. */
MUST_USE int statement_find(struct db *db, const struct statement *st, const void *in,
			    struct arena *a, void *row, bool *found, struct err *e);
/* *rows is an array of *count row structs; NULL when there are none. */
MUST_USE int statement_many(struct db *db, const struct statement *st, const void *in,
			    struct arena *a, void **rows, size_t *count, struct err *e);
/* affected (may be NULL): how many rows were changed. */
MUST_USE int statement_exec(struct db *db, const struct statement *st, const void *in,
			    int64_t *affected, struct err *e);

#endif
