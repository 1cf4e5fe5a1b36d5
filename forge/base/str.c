#include "base/str.h"

#include <limits.h>

int str_format_length(struct str s)
{
	return s.n > INT_MAX ? INT_MAX : (int)s.n;
}

struct str str_c(const char *c)
{
	return c ? (struct str){ c, strlen(c) } : STR_NONE;
}

struct str str_n(const char *p, size_t n)
{
	return (struct str){ p, n };
}

bool str_is_none(struct str s)
{
	return s.p == NULL;
}

bool str_is_empty(struct str s)
{
	return s.n == 0;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || (a.p != NULL && memcmp(a.p, b.p, a.n) == 0));
}

bool str_eq_c(struct str a, const char *b)
{
	return str_eq(a, str_c(b));
}

static unsigned char ascii_lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	return true;
}

bool str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && str_starts_nocase(a, b);
}

int str_cmp(struct str a, struct str b)
{
	size_t common = a.n < b.n ? a.n : b.n;
	int order = common > 0 ? memcmp(a.p, b.p, common) : 0;

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

bool str_starts(struct str s, struct str prefix)
{
	return str_eq(str_upto(s, prefix.n), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool str_has(struct str s, char c)
{
	return str_find(s, c) < s.n;
}

size_t str_find(struct str s, char c)
{
	const char *found = s.n ? memchr(s.p, c, s.n) : NULL;

	return found ? (size_t)(found - s.p) : s.n;
}

size_t str_find_last(struct str s, char c)
{
	const char *found = s.n ? memrchr(s.p, c, s.n) : NULL;

	return found ? (size_t)(found - s.p) : s.n;
}

size_t str_find_str(struct str s, struct str what)
{
	const char *found;

	if (what.n == 0)
		return 0;
	found = s.n ? memmem(s.p, s.n, what.p, what.n) : NULL;
	return found ? (size_t)(found - s.p) : s.n;
}

struct str str_from(struct str s, size_t at)
{
	if (at > s.n)
		at = s.n;
	return (struct str){ s.p ? s.p + at : NULL, s.n - at };
}

struct str str_upto(struct str s, size_t at)
{
	return (struct str){ s.p, at < s.n ? at : s.n };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_cut_prefix(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_from(*s, prefix.n);
	return true;
}

bool str_cut(struct str *rest, char separator, struct str *part)
{
	size_t at;

	if (str_is_none(*rest))
		return false;
	at = str_find(*rest, separator);
	*part = str_upto(*rest, at);
	*rest = at < rest->n ? str_from(*rest, at + 1) : STR_NONE;
	return true;
}

bool str_to_i64(struct str s, int64_t *value)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	int64_t total = 0;

	s = str_from(s, negative ? 1 : 0);
	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9)
			return false;
		if (__builtin_mul_overflow(total, 10, &total) ||
		    __builtin_sub_overflow(total, digit, &total))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, total, &total))
		return false;
	*value = total;
	return true;
}

int str_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool str_to_bytes(struct str hex, unsigned char *bytes, size_t n)
{
	if (hex.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = str_hex_digit(hex.p[2 * i]);
		int low = str_hex_digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

bool str_copy(char *to, size_t room, struct str s)
{
	ASSERT(room > 0);
	if (s.n >= room) {
		to[0] = '\0';
		return false;
	}
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	to[s.n] = '\0';
	return true;
}

/* Narrower than 80..BF after four lead bytes: overlong forms, surrogates, above U+10FFFF. */
static bool utf8_second_byte_fits(unsigned char lead, unsigned char second)
{
	unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

	return second >= low && second <= high;
}

size_t str_utf8_length(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t length;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return p[0] != 0 ? 1 : 0;
	length = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
	if (p[0] < 0xC2 || p[0] > 0xF4 || s.n < length || !utf8_second_byte_fits(p[0], p[1]))
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	return length;
}

bool str_is_utf8_text(struct str s)
{
	while (s.n > 0) {
		size_t length = str_utf8_length(s);

		if (length == 0)
			return false;
		s = str_from(s, length);
	}
	return true;
}
