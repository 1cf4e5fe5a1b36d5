#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_three(const unsigned char *from, size_t n, char to[static 4])
{
	uint32_t bits = (uint32_t)from[0] << 16;

	if (n > 1)
		bits |= (uint32_t)from[1] << 8;
	if (n > 2)
		bits |= from[2];
	to[0] = alphabet[bits >> 18 & 63];
	to[1] = alphabet[bits >> 12 & 63];
	to[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
	to[3] = n > 2 ? alphabet[bits & 63] : '=';
}

void base64_encode(struct buf *out, struct str bytes)
{
	size_t size = (bytes.n + 2) / 3 * 4;
	char *to = buf_reserve(out, size);

	if (!to)
		return;
	for (size_t i = 0; i < bytes.n; i += 3, to += 4)
		encode_three((const unsigned char *)bytes.p + i, bytes.n - i < 3 ? bytes.n - i : 3,
			     to);
	buf_added(out, size);
}

static int value_of(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool base64_decode(struct arena *a, struct str text, struct str *bytes)
{
	unsigned char *to;
	size_t n = 0;
	uint32_t bits = 0;
	unsigned have = 0;

	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	if (text.n % 4 == 1)
		return false;
	to = arena_alloc(a, text.n / 4 * 3 + 4);
	for (size_t i = 0; i < text.n; i++) {
		int value = value_of(text.p[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[n++] = (unsigned char)(bits >> have & 0xFF);
		}
	}
	*bytes = str_n((const char *)to, n);
	return true;
}
