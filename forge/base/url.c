#include "base/url.h"

static bool is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void encode(struct buf *out, struct str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (is_unreserved(c) || (c != '\0' && strchr(also, c)))
			buf_add_char(out, c);
		else
			buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
	}
}

void url_encode(struct buf *out, struct str s)
{
	encode(out, s, "");
}

void url_encode_path(struct buf *out, struct str s)
{
	encode(out, s, "/");
}

static bool decode(struct arena *a, struct str s, bool is_form, struct str *decoded)
{
	char *to = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '%') {
			if (!str_to_bytes(str_upto(str_from(s, i + 1), 2), &c, 1))
				return false;
			i += 2;
		} else if (c == '+' && is_form) {
			c = ' ';
		}
		if (c == 0 || (!is_form && (c < 0x20 || c == 0x7F)))
			return false;
		to[n++] = (char)c;
	}
	*decoded = str_n(to, n);
	return true;
}

bool url_decode(struct arena *a, struct str s, struct str *decoded)
{
	return decode(a, s, false, decoded);
}

bool url_decode_form(struct arena *a, struct str s, struct str *decoded)
{
	return decode(a, s, true, decoded);
}

static size_t count_pairs(struct str text)
{
	size_t count = 1;

	for (size_t i = 0; i < text.n; i++)
		count += text.p[i] == '&';
	return count;
}

int url_pairs_parse(struct arena *a, struct str text, struct url_pairs *pairs, struct err *e)
{
	struct str part;
	size_t count = count_pairs(text);

	if (count > URL_PAIRS_MAX)
		return err_set(e, ERR_INVALID, "more than %d form fields", URL_PAIRS_MAX);
	*pairs = (struct url_pairs){ ARENA_ARRAY(a, struct url_pair, count), 0 };
	while (str_cut(&text, '&', &part)) {
		struct url_pair *pair = &pairs->items[pairs->count];
		size_t at = str_find(part, '=');

		if (part.n == 0)
			continue;
		if (!url_decode_form(a, str_upto(part, at), &pair->name) ||
		    !url_decode_form(a, str_from(part, at + 1), &pair->value))
			return err_set(e, ERR_INVALID, "a form field is not percent-encoded");
		pairs->count++;
	}
	return 0;
}

struct str url_pairs_get(const struct url_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (str_eq_c(pairs->items[i].name, name))
			return pairs->items[i].value;
	return STR_NONE;
}
