#include "base/buf.h"

#include "base/mem.h"

void buf_init(struct buf *b, size_t ceiling)
{
	*b = (struct buf){ .ceiling = ceiling };
}

void buf_fini(struct buf *b)
{
	mem_free(b->p);
	*b = (struct buf){ .ceiling = b->ceiling };
}

void buf_clear(struct buf *b)
{
	b->n = 0;
	b->full = false;
	if (b->p)
		b->p[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->full || n > b->ceiling - b->n) {
		b->full = true;
		return NULL;
	}
	if (b->p == NULL || b->room - b->n <= n) {
		size_t room = b->room ? b->room : 64;

		while (room - b->n <= n)
			room *= 2;
		b->p = mem_grow(b->p, room);
		b->room = room;
	}
	return b->p + b->n;
}

void buf_added(struct buf *b, size_t n)
{
	ASSERT(b->room - b->n > n);
	b->n += n;
	b->p[b->n] = '\0';
}

void buf_add_bytes(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, p, n);
	buf_added(b, n);
}

void buf_add(struct buf *b, struct str s)
{
	buf_add_bytes(b, s.p, s.n);
}

void buf_add_c(struct buf *b, const char *c)
{
	buf_add(b, str_c(c));
}

void buf_add_char(struct buf *b, char c)
{
	buf_add_bytes(b, &c, 1);
}

void buf_vaddf(struct buf *b, const char *format, va_list args)
{
	va_list again;
	int length;
	char *to;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	ASSERT(length >= 0);
	to = buf_reserve(b, (size_t)length);
	if (to == NULL)
		return;
	vsnprintf(to, (size_t)length + 1, format, args);
	buf_added(b, (size_t)length);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	buf_vaddf(b, format, args);
	va_end(args);
}

void buf_add_hex(struct buf *b, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		buf_add_char(b, digits[bytes[i] >> 4]);
		buf_add_char(b, digits[bytes[i] & 15]);
	}
}

void buf_drop_front(struct buf *b, size_t n)
{
	ASSERT(n <= b->n);
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p ? b->p : "", b->n };
}

int buf_check(const struct buf *b, const char *what, struct err *e)
{
	if (!b->full)
		return 0;
	return err_set(e, ERR_TOO_LARGE, "%s is larger than the limit of %zu bytes", what,
		       b->ceiling);
}
