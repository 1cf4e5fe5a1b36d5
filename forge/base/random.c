#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

void random_bytes(void *to, size_t n)
{
	unsigned char *p = to;

	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		ASSERT(got > 0 || errno == EINTR);
		if (got > 0) {
			p += got;
			n -= (size_t)got;
		}
	}
}

struct str random_hex(struct arena *a, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char *bytes = arena_alloc(a, n);
	char *text = arena_alloc(a, 2 * n + 1);

	random_bytes(bytes, n);
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	return (struct str){ text, 2 * n };
}

struct str random_token(struct arena *a, size_t n)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	unsigned char *bytes = arena_alloc(a, n);
	char *text = arena_alloc(a, n + 1);

	random_bytes(bytes, n);
	for (size_t i = 0; i < n; i++)
		text[i] = letters[bytes[i] & 63];
	return (struct str){ text, n };
}
