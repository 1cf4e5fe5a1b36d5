/* What sqlgen's reader hands to its writer. */
#ifndef SCRIPTS_SQLGEN_H
#define SCRIPTS_SQLGEN_H

#include "scripts/gen.h"
#include "store/statement.h"

#define SQL_FIELDS_MAX 64

struct sql_field {
	struct str name;
	enum statement_type type;
	bool nullable;
};

struct sql_fields {
	struct sql_field items[SQL_FIELDS_MAX + 1];
	size_t count;
};

struct sql_statement {
	struct sql_statement *next;
	struct str name;
	enum statement_kind kind;
	struct sql_fields in;
	struct sql_fields out;
	struct buf text;
	struct gen_place at;
};

struct sql_file {
	const char *path;
	struct str noun;
	struct sql_statement *first;
};

MUST_USE int sqlgen_write(struct arena *a, const char *folder, const struct sql_file *files,
			  size_t count, struct err *e);

#endif
