#include "git/text.h"

#define REPLACEMENT "\xEF\xBF\xBD"

static struct str upto_character(struct str s, size_t limit)
{
	size_t end = limit;

	if (s.n <= limit)
		return s;
	/* Not into the middle of a character: back over continuation bytes. */
	while (end > 0 && limit - end < 4 && ((unsigned char)s.p[end] & 0xC0) == 0x80)
		end--;
	return str_upto(s, end);
}

struct str text_utf8(struct arena *a, struct str bytes, size_t limit, bool *cut)
{
	struct str rest = upto_character(bytes, limit);
	char *to;
	size_t n = 0;

	if (cut)
		*cut = rest.n < bytes.n;
	if (str_is_utf8_text(rest))
		return arena_str(a, rest);
	to = arena_alloc(a, rest.n * (sizeof(REPLACEMENT) - 1) + 1);
	while (rest.n > 0) {
		size_t length = rest.p[0] == '\0' ? 0 : str_utf8_length(rest);

		if (length) {
			memcpy(to + n, rest.p, length);
			n += length;
		} else {
			memcpy(to + n, REPLACEMENT, sizeof(REPLACEMENT) - 1);
			n += sizeof(REPLACEMENT) - 1;
			length = 1;
		}
		rest = str_from(rest, length);
	}
	return str_n(to, n);
}

struct str text_latin1(struct arena *a, struct str bytes, size_t limit, bool *cut)
{
	struct str rest = upto_character(bytes, limit);
	char *to;
	size_t n = 0;

	if (str_is_utf8_text(rest) || memchr(rest.p, 0, rest.n))
		return text_utf8(a, bytes, limit, cut);
	if (cut)
		*cut = rest.n < bytes.n;
	to = arena_alloc(a, rest.n * 2 + 1);
	for (size_t i = 0; i < rest.n; i++) {
		unsigned char c = (unsigned char)rest.p[i];

		if (c < 0x80) {
			to[n++] = (char)c;
		} else {
			to[n++] = (char)(0xC0 | (c >> 6));
			to[n++] = (char)(0x80 | (c & 0x3F));
		}
	}
	return str_n(to, n);
}

bool text_contains_nocase(struct str text, struct str part)
{
	for (size_t i = 0; i + part.n <= text.n; i++) {
		if (str_starts_nocase(str_from(text, i), part))
			return true;
	}
	return part.n == 0;
}
