#include "render/markdown_private.h"

#include "base/url.h"

#define URL_MAX 8192
#define PARTS_MAX 256

/* What an ASCII character is written as; NULL: as itself. Control characters vanish. */
static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return (unsigned char)c < ' ' && c != '\t' && c != '\n' ? "" : NULL;
	}
}

void markdown_escape(struct buf *out, struct str text)
{
	size_t plain = 0;

	while (plain < text.n) {
		struct str rest = str_from(text, plain);
		bool ascii = (unsigned char)rest.p[0] < 0x80;
		size_t length = ascii ? 1 : str_utf8_length(rest);
		const char *entity = ascii ? entity_of(rest.p[0]) : NULL;

		if (length && entity == NULL) {
			plain += length;
			continue;
		}
		buf_add(out, str_upto(text, plain));
		/* cmark promises UTF-8, but cuts unmatched footnotes within a character. */
		buf_add_c(out, entity ? entity : "\xEF\xBF\xBD");
		text = str_from(rest, 1);
		plain = 0;
	}
	buf_add(out, text);
}

/* A whole URL for an attribute: odd bytes percent-encoded, escapes that are there kept. */
static void add_url(struct buf *out, struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (c == '&')
			buf_add_c(out, "&amp;");
		else if (c <= ' ' || c >= 0x7f || strchr("<>\"'`\\{}|^", c))
			buf_addf(out, "%%%02X", c);
		else
			buf_add_char(out, (char)c);
	}
}

/* RFC 3986's scheme, or "" if the first of ":/?#" is not a colon. */
static struct str scheme_of(struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		char c = url.p[i];

		if (c == ':')
			return str_upto(url, i);
		if (c == '/' || c == '?' || c == '#')
			break;
	}
	return STR("");
}

static bool has_scheme(struct str url)
{
	return str_find(url, ':') < str_find(url, '/') && str_find(url, ':') < str_find(url, '?') &&
	       str_find(url, ':') < str_find(url, '#');
}

static bool add_external(struct str url, bool is_image, struct buf *out)
{
	struct str scheme = scheme_of(url);

	if (!str_eq_nocase(scheme, STR("http")) && !str_eq_nocase(scheme, STR("https")) &&
	    (is_image || !str_eq_nocase(scheme, STR("mailto"))))
		return false;
	add_url(out, url);
	return true;
}

/* Headings have prefixed ids; lines of a file ("#L10") are the page's own. */
static void add_fragment(struct str fragment, bool to_document, struct buf *out)
{
	if (fragment.n < 2)
		return;
	buf_add_char(out, '#');
	fragment = str_from(fragment, 1);
	if (to_document && !str_starts(fragment, STR("user-content-")))
		buf_add_c(out, "user-content-");
	add_url(out, fragment);
}

struct parts {
	struct str items[PARTS_MAX];
	size_t count;
};

/* "..", at the top, stays at the top: no link leaves the repository. */
static bool add_parts(struct parts *parts, struct str path)
{
	struct str part;

	if (path.n == 0)
		return true;
	while (str_cut(&path, '/', &part)) {
		if (part.n == 0 || str_eq_c(part, "."))
			continue;
		if (str_eq_c(part, "..")) {
			parts->count -= parts->count > 0;
			continue;
		}
		if (parts->count == PARTS_MAX)
			return false;
		parts->items[parts->count++] = part;
	}
	return true;
}

static bool add_relative(struct str path, const struct markdown_context *context, bool is_image,
			 struct buf *out)
{
	struct arena *a = arena_open(1u << 20);
	struct str base = is_image ? context->image_base : context->file_base;
	struct str decoded = path;
	struct parts parts = { .count = 0 };
	bool good;

	/* Decoded before ".." is looked for: a browser takes %2e%2e for it as well. */
	if (!url_decode(a, path, &decoded))
		decoded = path;
	good = base.n > 0 &&
	       (str_starts(decoded, STR("/")) || add_parts(&parts, context->folder)) &&
	       add_parts(&parts, decoded);
	if (good) {
		add_url(out, base);
		for (size_t i = 0; i < parts.count; i++) {
			buf_add_char(out, '/');
			url_encode(out, parts.items[i]);
		}
	}
	arena_close(a);
	return good;
}

/* What a browser would drop or read as '/' does not hide a scheme or a host from us. */
static bool has_tricks(struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		unsigned char c = (unsigned char)url.p[i];

		if (c < ' ' || c == 0x7f || c == '\\')
			return true;
	}
	return str_starts(url, STR("//"));
}

bool markdown_url(struct str url, const struct markdown_context *context, bool is_image,
		  struct buf *out, bool *is_external)
{
	size_t hash;
	struct str path;

	url = str_trim(url);
	*is_external = false;
	if (url.n == 0 || url.n > URL_MAX || has_tricks(url))
		return false;
	if (has_scheme(url)) {
		*is_external = true;
		return add_external(url, is_image, out);
	}
	hash = str_find(url, '#');
	path = str_upto(url, str_find(str_upto(url, hash), '?'));
	if (path.n == 0) {
		if (hash == url.n)
			return false;
		add_fragment(str_from(url, hash), true, out);
		return !is_image && url.n - hash >= 2;
	}
	if (!add_relative(path, context, is_image, out))
		return false;
	add_fragment(str_from(url, hash), markdown_is_name(path), out);
	return true;
}
