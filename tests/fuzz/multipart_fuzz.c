/*
 * Any bytes as a multipart form, whole and byte by byte: both ways end alike
 * and give the same parts.
 */
#include "base/buf.h"
#include "http/multipart.h"

#include <stdint.h>

static int on_begin(void *closure, const struct multipart_part *p, struct err *e)
{
	struct buf *b = closure;

	(void)e;
	ASSERT(!str_is_none(p->name) && !str_has(p->filename, '/'));
	buf_addf(b, "[%zu|%zu|", p->name.n, p->filename.n);
	buf_add(b, p->name);
	buf_add(b, p->filename);
	buf_add(b, p->content_type);
	buf_add_char(b, ':');
	return 0;
}

static int on_data(void *closure, struct str bytes, struct err *e)
{
	struct buf *b = closure;

	(void)e;
	ASSERT(bytes.n > 0);
	buf_add(b, bytes);
	return 0;
}

static int on_end(void *closure, struct err *e)
{
	struct buf *b = closure;

	(void)e;
	buf_add_char(b, ']');
	return 0;
}

static int parse(struct str text, size_t step, struct buf *out)
{
	struct multipart_taker taker = { on_begin, on_data, on_end, out };
	struct multipart *m = multipart_open(STR("x"), &taker);
	struct err e = { 0 };
	int result = 0;

	for (size_t at = 0; result == 0 && at < text.n; at += step)
		result = multipart_write(m, str_upto(str_from(text, at), step), &e);
	if (result == 0)
		result = multipart_finish(m, &e);
	multipart_close(m);
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size > 5000 ? 5000 : size);
	struct buf whole, bytes;
	int one, two;

	buf_init(&whole, 1u << 20);
	buf_init(&bytes, 1u << 20);
	one = parse(text, text.n + 1, &whole);
	two = parse(text, 1, &bytes);
	ASSERT((one == 0) == (two == 0));
	if (one == 0)
		ASSERT(str_eq(buf_str(&whole), buf_str(&bytes)));
	(void)multipart_boundary(text);
	buf_fini(&whole);
	buf_fini(&bytes);
	return 0;
}
