/*
 * C values to and from PostgreSQL's binary format, by descriptor. Binary,
 * because its forms are fixed and need no quoting: integers in network order,
 * timestamptz as microseconds since 2000-01-01, jsonb with a version byte,
 * arrays with a header (src/backend/utils/adt/arrayfuncs.c, array_recv).
 * Inside store/ only. Threads: pure functions.
 */
#ifndef STORE_VALUE_H
#define STORE_VALUE_H

#include "store/statement.h"

/* The type's oid, for PQprepare and for comparing with PQftype. */
unsigned value_oid(enum statement_type type);

struct value_bytes {
	const char *p; /* NULL: null */
	int n;
};

/*
 * The parameter `field` of the struct at `in`. ERR_INTERNAL if it is none but
 * not nullable; ERR_INVALID for text with a zero byte.
 */
MUST_USE int value_encode(const struct statement_field *field, const void *in, struct arena *a,
			  struct value_bytes *bytes, struct err *e);

/* Into the field of the struct at `row`. ERR_INTERNAL for bytes that cannot be that type. */
MUST_USE int value_decode(const struct statement_field *field, struct value_bytes bytes,
			  struct arena *a, void *row, struct err *e);

#endif
