/*
 * Any bytes as a gzip body of a fetch or push, whole and cut into pieces.
 * Asserted: no more comes out than the limits allow, the cut makes no difference, and what
 * gzip_add packs comes back.
 */
#include "archive/gzip.h"

#include <stdint.h>

#define LIMIT (2u << 20)
#define PIECE 16384 /* given out at once */

static int take(void *closure, struct str bytes, struct err *e UNUSED)
{
	buf_add(closure, bytes);
	return 0;
}

/* 0 if it was whole. */
static int unpack(struct str bytes, size_t piece, struct buf *out)
{
	struct gunzip *g = gunzip_open(LIMIT);
	struct err e = { 0 };
	int failed = 0;

	for (size_t at = 0; !failed && at < bytes.n; at += piece)
		failed = gunzip_write(g, str_upto(str_from(bytes, at), piece), take, out, &e);
	if (!failed)
		failed = gunzip_finish(g, &e);
	ASSERT(out->n <= LIMIT + PIECE && !out->full);
	gunzip_close(g);
	return failed;
}

static void pack(struct str bytes)
{
	struct buf packed, out;
	bool fits;
	int failed;

	buf_init(&packed, LIMIT);
	buf_init(&out, 2 * LIMIT);
	fits = gzip_add(&packed, bytes, 1);
	ASSERT(fits);
	failed = unpack(buf_str(&packed), packed.n, &out);
	ASSERT(!failed && str_eq(buf_str(&out), bytes));
	buf_fini(&packed);
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_n((const char *)data, size);
	struct buf whole, cut;

	if (size == 0)
		return 0;
	buf_init(&whole, 2 * LIMIT);
	buf_init(&cut, 2 * LIMIT);
	if (unpack(bytes, size, &whole) == 0) {
		int failed = unpack(bytes, 1 + size / (1 + data[size - 1]), &cut);

		ASSERT(!failed && str_eq(buf_str(&whole), buf_str(&cut)));
	}
	buf_fini(&whole);
	buf_fini(&cut);
	pack(bytes);
	return 0;
}
