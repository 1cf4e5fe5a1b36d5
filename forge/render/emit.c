#include "render/emit.h"

#include "base/url.h"

#define REPLACEMENT "\xEF\xBF\xBD"

void emit_markup(struct emit *out, const char *bytes, size_t n)
{
	buf_add_bytes(out->out, bytes, n);
}

/* What stands for this byte in text and in a quoted attribute; NULL: itself. */
static const char *escape_of(unsigned char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&#34;";
	case '\'':
		return "&#39;";
	case '\t':
	case '\n':
	case '\r':
		return NULL;
	default:
		return c < 0x20 || c == 0x7f ? REPLACEMENT : NULL;
	}
}

/* Length of the run from s's start that needs no escaping. */
static size_t plain_run(struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		size_t length = 1;

		if (c < 0x80) {
			if (escape_of(c) != NULL)
				break;
		} else {
			length = str_utf8_length(str_from(s, i));
			if (length == 0)
				break;
		}
		i += length;
	}
	return i;
}

void emit_text_str(struct emit *out, struct str s)
{
	while (s.n > 0) {
		size_t run = plain_run(s);
		const char *escape;

		buf_add_bytes(out->out, s.p, run);
		s = str_from(s, run);
		if (s.n == 0)
			break;
		escape = escape_of((unsigned char)s.p[0]);
		buf_add_c(out->out, escape != NULL ? escape : REPLACEMENT);
		s = str_from(s, 1);
	}
}

void emit_text_c(struct emit *out, const char *c)
{
	emit_text_str(out, str_c(c));
}

void emit_text_i64(struct emit *out, int64_t n)
{
	buf_addf(out->out, "%lld", (long long)n);
}

void emit_text_u64(struct emit *out, uint64_t n)
{
	buf_addf(out->out, "%llu", (unsigned long long)n);
}

void emit_text_html(struct emit *out, struct html html)
{
	buf_add(out->out, html.text);
}

/* Letters, digits, '+', '-', '.' before the first ':', if that comes before any / ? # */
static bool has_refused_scheme(struct str s)
{
	static const char *const schemes[] = { "http", "https", "mailto", "ssh" };

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '/' || s.p[i] == '?' || s.p[i] == '#')
			return false;
		if (s.p[i] != ':')
			continue;
		for (size_t k = 0; k < ARRAY_LEN(schemes); k++) {
			if (str_eq_nocase(str_upto(s, i), str_c(schemes[k])))
				return false;
		}
		return true;
	}
	return false;
}

static bool is_url_byte(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("-._~:/?#[]@!$()*+,;=%", c) != NULL);
}

void emit_url_str(struct emit *out, struct str s)
{
	if (has_refused_scheme(s)) {
		buf_add_char(out->out, '#');
		return;
	}
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '&')
			buf_add_c(out->out, "&amp;");
		else if (is_url_byte(c))
			buf_add_char(out->out, (char)c);
		else
			buf_addf(out->out, "%%%02X", c);
	}
}

void emit_url_c(struct emit *out, const char *c)
{
	emit_url_str(out, str_c(c));
}

void emit_path_str(struct emit *out, struct str s)
{
	url_encode_path(out->out, s);
}

void emit_path_c(struct emit *out, const char *c)
{
	url_encode_path(out->out, str_c(c));
}

void emit_query_str(struct emit *out, struct str s)
{
	url_encode(out->out, s);
}

void emit_query_c(struct emit *out, const char *c)
{
	url_encode(out->out, str_c(c));
}

void emit_base_path(struct emit *out)
{
	emit_path_str(out, out->base_path);
}

void emit_csrf(struct emit *out)
{
	buf_add_c(out->out, "<input type=\"hidden\" name=\"csrf\" value=\"");
	emit_text_str(out, out->csrf);
	buf_add_c(out->out, "\">");
}

/* "2024-01-31 16:47 UTC" of RFC 3339's "2024-01-31T16:47:55.123Z" */
static void emit_time_plain(struct emit *out, struct instant at)
{
	char text[INSTANT_TEXT_MAX];

	instant_format(at, text);
	emit_text_str(out, str_upto(str_c(text), 10));
	buf_add_char(out->out, ' ');
	emit_text_str(out, str_upto(str_from(str_c(text), 11), 5));
	buf_add_c(out->out, " UTC");
}

void emit_time(struct emit *out, struct instant at)
{
	char text[INSTANT_TEXT_MAX];

	instant_format(at, text);
	buf_add_c(out->out, "<time datetime=\"");
	emit_text_c(out, text);
	buf_add_c(out->out, "\">");
	emit_time_plain(out, at);
	buf_add_c(out->out, "</time>");
}

bool emit_true_str(struct str s)
{
	return s.n > 0;
}

bool emit_true_c(const char *c)
{
	return c != NULL && c[0] != '\0';
}

bool emit_true_html(struct html html)
{
	return html.text.n > 0;
}

bool emit_true_instant(struct instant at)
{
	return at.us != 0;
}

bool emit_true_i64(int64_t n)
{
	return n != 0;
}

bool emit_true_u64(uint64_t n)
{
	return n != 0;
}

bool emit_true_pointer(const void *p)
{
	return p != NULL;
}

struct emit_value emit_value_str(struct str s)
{
	return (struct emit_value){ .kind = EMIT_KIND_STR, .str = s };
}

struct emit_value emit_value_c(const char *c)
{
	return emit_value_str(str_c(c));
}

struct emit_value emit_value_i64(int64_t n)
{
	return (struct emit_value){ .kind = EMIT_KIND_INTEGER, .integer = n };
}

struct emit_value emit_value_u64(uint64_t n)
{
	return emit_value_i64(n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

struct emit_value emit_value_instant(struct instant at)
{
	return (struct emit_value){ .kind = EMIT_KIND_INSTANT, .instant = at };
}

bool emit_equal(struct emit_value a, struct emit_value b)
{
	if (a.kind != b.kind)
		return false;
	switch (a.kind) {
	case EMIT_KIND_STR:
		return str_eq(a.str, b.str);
	case EMIT_KIND_INTEGER:
		return a.integer == b.integer;
	case EMIT_KIND_INSTANT:
		return a.instant.us == b.instant.us;
	}
	return false;
}

static void emit_value(struct emit *out, const struct emit_value *value, bool in_attribute)
{
	switch (value->kind) {
	case EMIT_KIND_STR:
		emit_text_str(out, value->str);
		break;
	case EMIT_KIND_INTEGER:
		emit_text_i64(out, value->integer);
		break;
	case EMIT_KIND_INSTANT:
		if (in_attribute)
			emit_time_plain(out, value->instant);
		else
			emit_time(out, value->instant);
		break;
	}
}

/* A placeholder: which value, and how many bytes of the message it takes; 0 bytes: none. */
struct placeholder {
	size_t value;
	size_t length;
	bool is_percent;
};

static struct placeholder placeholder_at(struct str s, size_t *next)
{
	if (str_starts(s, STR("%%")))
		return (struct placeholder){ .length = 2, .is_percent = true };
	if (str_starts(s, STR("%s")))
		return (struct placeholder){ .value = (*next)++, .length = 2 };
	if (str_starts(s, STR("%n")))
		return (struct placeholder){ .value = 0, .length = 2 };
	if (s.n >= 4 && s.p[1] >= '1' && s.p[1] <= '9' && s.p[2] == '$' && s.p[3] == 's')
		return (struct placeholder){ .value = (size_t)(s.p[1] - '1'), .length = 4 };
	return (struct placeholder){ 0 };
}

/* %1$s is the first value that is not the number. */
static void emit_format(struct emit *out, const struct emit_message *message, struct str text,
			const struct emit_value *values, size_t count)
{
	size_t first = message->other != NULL ? 1 : 0;
	size_t next = 0;

	while (text.n > 0) {
		size_t plain = str_find(text, '%');
		struct placeholder p;
		size_t at;

		emit_text_str(out, str_upto(text, plain));
		text = str_from(text, plain);
		if (text.n == 0)
			break;
		p = placeholder_at(text, &next);
		at = str_starts(text, STR("%n")) ? 0 : p.value + first;
		if (p.is_percent || p.length == 0)
			buf_add_char(out->out, '%');
		else if (at < count)
			emit_value(out, &values[at], message->in_attribute);
		text = str_from(text, p.length > 0 ? p.length : 1);
	}
}

void emit_message(struct emit *out, const struct emit_message *message,
		  const struct emit_value *values, size_t count)
{
	const char *text;

	if (message->other != NULL)
		text = i18n_plural(out->language, message->one, message->other,
				   count > 0 ? values[0].integer : 0);
	else
		text = i18n_text(out->language, message->one);
	emit_format(out, message, str_c(text), values, count);
}
