#include "store/value.h"

#include <endian.h>

/* 2000-01-01 in microseconds since 1970-01-01. */
#define POSTGRES_EPOCH_US 946684800000000

#define ARRAY_ITEMS_MAX 1000000

unsigned value_oid(enum statement_type type)
{
	static const unsigned oids[] = {
#define TYPE_OID(name, word, oid) [STATEMENT_##name] = oid,
		STATEMENT_TYPES(TYPE_OID)
#undef TYPE_OID
	};

	ASSERT((size_t)type < ARRAY_LEN(oids));
	return oids[type];
}

/* Fields are read and written by memcpy: their types are told by the descriptor alone. */
#define GET(field, in, to) memcpy(&(to), (const char *)(in) + (field)->offset, sizeof(to))
#define PUT(field, row, from) memcpy((char *)(row) + (field)->offset, &(from), sizeof(from))

static bool get_flag(const struct statement_field *field, const void *in)
{
	bool has;

	memcpy(&has, (const char *)in + field->has_offset, sizeof(has));
	return has;
}

static void put_flag(const struct statement_field *field, void *row, bool has)
{
	if (field->has_offset != STATEMENT_NO_FLAG)
		memcpy((char *)row + field->has_offset, &has, sizeof(has));
}

static struct value_bytes copied(struct arena *a, const void *p, size_t n)
{
	return (struct value_bytes){ arena_str(a, str_n(p, n)).p, int_from_size(n) };
}

static struct value_bytes encode_64(struct arena *a, uint64_t bits)
{
	uint64_t network = htobe64(bits);

	return copied(a, &network, sizeof(network));
}

static struct value_bytes encode_number(const struct statement_field *field, const void *in,
					struct arena *a)
{
	uint64_t bits;
	int32_t i32;
	int64_t i64;
	bool flag;

	switch (field->type) {
	case STATEMENT_BOOL:
		GET(field, in, flag);
		return copied(a, flag ? "\1" : "\0", 1);
	case STATEMENT_INT4: {
		GET(field, in, i32);
		uint32_t network = htobe32((uint32_t)i32);
		return copied(a, &network, sizeof(network));
	}
	case STATEMENT_FLOAT8:
		GET(field, in, bits);
		return encode_64(a, bits);
	case STATEMENT_TIMESTAMPTZ:
		GET(field, in, i64);
		return encode_64(a, (uint64_t)(i64 - POSTGRES_EPOCH_US));
	default:
		ASSERT(field->type == STATEMENT_INT8);
		GET(field, in, i64);
		return encode_64(a, (uint64_t)i64);
	}
}

static int check_text(const struct statement_field *field, struct str s, struct err *e)
{
	if (s.n > INT32_MAX / 2)
		return err_set(e, ERR_TOO_LARGE,
			       "The value of %s is larger than the limit of 1 GB.", field->name);
	if (str_has(s, '\0'))
		return err_set(e, ERR_INVALID, "The value of %s has a zero byte in it.",
			       field->name);
	return 0;
}

static int encode_bytes(const struct statement_field *field, struct str s, struct arena *a,
			struct value_bytes *bytes, struct err *e)
{
	if (field->type != STATEMENT_BYTEA && check_text(field, s, e) < 0)
		return -(int)e->code;
	if (field->type == STATEMENT_JSONB) {
		char *p = arena_alloc(a, s.n + 1);

		p[0] = 1;
		memcpy(p + 1, s.p, s.n);
		*bytes = (struct value_bytes){ p, int_from_size(s.n + 1) };
		return 0;
	}
	/* Sent at once, so the bytes are borrowed; libpq reads NULL as null, never "". */
	*bytes = (struct value_bytes){ s.p, int_from_size(s.n) };
	return 0;
}

static char *put_32(char *p, size_t value)
{
	uint32_t network = htobe32(u32_from_size(value));

	memcpy(p, &network, sizeof(network));
	return p + sizeof(network);
}

/* Header of an array of one dimension (none if it is empty), then length and bytes of each item. */
static char *array_begin(struct arena *a, size_t count, size_t item_bytes, unsigned item_oid,
			 char **items)
{
	char *p = arena_alloc(a, 20 + count * 4 + item_bytes);
	char *at = put_32(p, count > 0 ? 1 : 0);

	at = put_32(at, 0); /* no nulls */
	at = put_32(at, item_oid);
	if (count > 0) {
		at = put_32(at, count);
		at = put_32(at, 1); /* first index */
	}
	*items = at;
	return p;
}

static int encode_texts(const struct statement_field *field, const void *in, struct arena *a,
			struct value_bytes *bytes, struct err *e)
{
	struct str_list list;
	size_t total = 0;
	char *start;
	char *at;

	GET(field, in, list);
	for (size_t i = 0; i < list.count; i++) {
		if (check_text(field, list.items[i], e) < 0)
			return -(int)e->code;
		total += list.items[i].n;
	}
	start = array_begin(a, list.count, total, value_oid(STATEMENT_TEXT), &at);
	for (size_t i = 0; i < list.count; i++) {
		at = put_32(at, list.items[i].n);
		if (list.items[i].n > 0)
			memcpy(at, list.items[i].p, list.items[i].n);
		at += list.items[i].n;
	}
	*bytes = (struct value_bytes){ start, int_from_size((size_t)(at - start)) };
	return 0;
}

static void encode_integers(const struct statement_field *field, const void *in, struct arena *a,
			    struct value_bytes *bytes)
{
	struct i64_list list;
	char *start;
	char *at;

	GET(field, in, list);
	start = array_begin(a, list.count, list.count * 8, value_oid(STATEMENT_INT8), &at);
	for (size_t i = 0; i < list.count; i++) {
		uint64_t network = htobe64((uint64_t)list.items[i]);

		at = put_32(at, sizeof(network));
		memcpy(at, &network, sizeof(network));
		at += sizeof(network);
	}
	*bytes = (struct value_bytes){ start, int_from_size((size_t)(at - start)) };
}

static bool is_string(enum statement_type type)
{
	return type == STATEMENT_TEXT || type == STATEMENT_JSONB || type == STATEMENT_BYTEA;
}

int value_encode(const struct statement_field *field, const void *in, struct arena *a,
		 struct value_bytes *bytes, struct err *e)
{
	if (is_string(field->type)) {
		struct str s;

		GET(field, in, s);
		if (!str_is_none(s))
			return encode_bytes(field, s, a, bytes, e);
		if (!field->nullable)
			return err_set(e, ERR_INTERNAL, "parameter %s must not be none",
				       field->name);
		*bytes = (struct value_bytes){ NULL, 0 };
		return 0;
	}
	if (field->nullable && !get_flag(field, in)) {
		*bytes = (struct value_bytes){ NULL, 0 };
		return 0;
	}
	if (field->type == STATEMENT_TEXT_ARRAY)
		return encode_texts(field, in, a, bytes, e);
	if (field->type == STATEMENT_INT8_ARRAY)
		encode_integers(field, in, a, bytes);
	else
		*bytes = encode_number(field, in, a);
	return 0;
}

static int bad(const struct statement_field *field, struct err *e)
{
	return err_set(e, ERR_INTERNAL, "column %s: bytes that are not of its type", field->name);
}

static uint64_t read_64(const char *p)
{
	uint64_t network;

	memcpy(&network, p, sizeof(network));
	return be64toh(network);
}

static uint32_t read_32(const char *p)
{
	uint32_t network;

	memcpy(&network, p, sizeof(network));
	return be32toh(network);
}

static int decode_time(const struct statement_field *field, uint64_t bits, void *row, struct err *e)
{
	struct instant t;
	int64_t us = (int64_t)bits;

	/* The ends of the range are infinity and -infinity. */
	if (us == INT64_MAX || us == INT64_MIN ||
	    __builtin_add_overflow(us, POSTGRES_EPOCH_US, &t.us))
		return bad(field, e);
	PUT(field, row, t);
	return 0;
}

static int decode_number(const struct statement_field *field, struct value_bytes bytes, void *row,
			 struct err *e)
{
	bool flag;
	uint64_t bits;
	uint32_t half;

	if (field->type == STATEMENT_BOOL && bytes.n == 1) {
		flag = bytes.p[0] != 0;
		PUT(field, row, flag);
		return 0;
	}
	if (field->type == STATEMENT_INT4 && bytes.n == 4) {
		half = read_32(bytes.p);
		PUT(field, row, half);
		return 0;
	}
	if (field->type == STATEMENT_BOOL || field->type == STATEMENT_INT4 || bytes.n != 8)
		return bad(field, e);
	bits = read_64(bytes.p);
	if (field->type == STATEMENT_TIMESTAMPTZ)
		return decode_time(field, bits, row, e);
	PUT(field, row, bits);
	return 0;
}

static int decode_string(const struct statement_field *field, struct value_bytes bytes,
			 struct arena *a, void *row, struct err *e)
{
	struct str s = { bytes.p, (size_t)bytes.n };

	if (field->type == STATEMENT_JSONB) {
		if (s.n == 0 || s.p[0] != 1)
			return bad(field, e);
		s = str_from(s, 1);
	}
	s = arena_str(a, s);
	PUT(field, row, s);
	return 0;
}

/* Takes the next item of an array off *rest. */
static bool next_item(struct str *rest, struct str *item)
{
	uint32_t length;

	if (rest->n < 4)
		return false;
	length = read_32(rest->p);
	*rest = str_from(*rest, 4);
	if (length > rest->n)
		return false; /* a null (0xffffffff) too */
	*item = str_upto(*rest, length);
	*rest = str_from(*rest, length);
	return true;
}

/* Leaves *rest at the first item. */
static bool array_header(struct str *rest, enum statement_type item_type, size_t *count)
{
	uint32_t dimensions;

	*count = 0;
	if (rest->n < 12 || read_32(rest->p + 8) != value_oid(item_type))
		return false;
	dimensions = read_32(rest->p);
	*rest = str_from(*rest, 12);
	if (dimensions == 0)
		return true;
	if (dimensions != 1 || rest->n < 8)
		return false;
	*count = read_32(rest->p);
	*rest = str_from(*rest, 8);
	return *count <= ARRAY_ITEMS_MAX && *count <= rest->n / 4;
}

static int decode_texts(const struct statement_field *field, struct value_bytes bytes,
			struct arena *a, void *row, struct err *e)
{
	struct str rest = { bytes.p, (size_t)bytes.n };
	struct str_list list = { NULL, 0 };

	if (!array_header(&rest, STATEMENT_TEXT, &list.count))
		return bad(field, e);
	list.items = ARENA_ARRAY(a, struct str, list.count);
	for (size_t i = 0; i < list.count; i++) {
		if (!next_item(&rest, &list.items[i]))
			return bad(field, e);
		list.items[i] = arena_str(a, list.items[i]);
	}
	PUT(field, row, list);
	return 0;
}

static int decode_integers(const struct statement_field *field, struct value_bytes bytes,
			   struct arena *a, void *row, struct err *e)
{
	struct str rest = { bytes.p, (size_t)bytes.n };
	struct i64_list list = { NULL, 0 };
	struct str item;

	if (!array_header(&rest, STATEMENT_INT8, &list.count))
		return bad(field, e);
	list.items = ARENA_ARRAY(a, int64_t, list.count);
	for (size_t i = 0; i < list.count; i++) {
		if (!next_item(&rest, &item) || item.n != 8)
			return bad(field, e);
		list.items[i] = (int64_t)read_64(item.p);
	}
	PUT(field, row, list);
	return 0;
}

int value_decode(const struct statement_field *field, struct value_bytes bytes, struct arena *a,
		 void *row, struct err *e)
{
	if (!bytes.p) {
		if (!field->nullable)
			return err_set(e, ERR_INTERNAL, "column %s is null, and said never to be",
				       field->name);
		put_flag(field, row, false); /* the row is zeroed: a none string */
		return 0;
	}
	put_flag(field, row, true);
	if (is_string(field->type))
		return decode_string(field, bytes, a, row, e);
	if (field->type == STATEMENT_TEXT_ARRAY)
		return decode_texts(field, bytes, a, row, e);
	if (field->type == STATEMENT_INT8_ARRAY)
		return decode_integers(field, bytes, a, row, e);
	return decode_number(field, bytes, row, e);
}
