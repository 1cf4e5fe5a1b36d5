#include "base/jsonw.h"

#include <math.h>

struct jsonw jsonw_to(struct buf *out)
{
	return (struct jsonw){ .out = out };
}

/* The comma before a value, unless it is the first or follows its key. */
static void before_value(struct jsonw *w)
{
	if (w->after_key) {
		w->after_key = false;
		return;
	}
	if (w->depth == 0)
		return;
	ASSERT(w->is_array[w->depth - 1]);
	if (w->has_items[w->depth - 1])
		buf_add_char(w->out, ',');
	w->has_items[w->depth - 1] = true;
}

static void open_level(struct jsonw *w, bool is_array)
{
	before_value(w);
	ASSERT(w->depth < JSON_DEPTH_MAX);
	w->is_array[w->depth] = is_array;
	w->has_items[w->depth] = false;
	w->depth++;
	buf_add_char(w->out, is_array ? '[' : '{');
}

void jsonw_object(struct jsonw *w)
{
	open_level(w, false);
}

void jsonw_array(struct jsonw *w)
{
	open_level(w, true);
}

void jsonw_end(struct jsonw *w)
{
	ASSERT(w->depth > 0 && !w->after_key);
	w->depth--;
	buf_add_char(w->out, w->is_array[w->depth] ? ']' : '}');
}

void jsonw_key(struct jsonw *w, const char *key)
{
	jsonw_key_str(w, str_c(key));
}

void jsonw_key_str(struct jsonw *w, struct str key)
{
	ASSERT(w->depth > 0 && !w->is_array[w->depth - 1] && !w->after_key);
	if (w->has_items[w->depth - 1])
		buf_add_char(w->out, ',');
	w->has_items[w->depth - 1] = true;
	jsonw_add_string(w->out, key);
	buf_add_char(w->out, ':');
	w->after_key = true;
}

void jsonw_null(struct jsonw *w)
{
	jsonw_raw(w, STR("null"));
}

void jsonw_raw(struct jsonw *w, struct str json)
{
	before_value(w);
	buf_add(w->out, json);
}

void jsonw_str(struct jsonw *w, struct str value)
{
	if (str_is_none(value)) {
		jsonw_null(w);
		return;
	}
	before_value(w);
	jsonw_add_string(w->out, value);
}

void jsonw_int(struct jsonw *w, int64_t value)
{
	before_value(w);
	buf_addf(w->out, "%lld", (long long)value);
}

void jsonw_bool(struct jsonw *w, bool value)
{
	jsonw_raw(w, value ? STR("true") : STR("false"));
}

void jsonw_double(struct jsonw *w, double value)
{
	if (!isfinite(value)) {
		jsonw_null(w);
		return;
	}
	before_value(w);
	buf_addf(w->out, "%.15g", value);
}

void jsonw_time(struct jsonw *w, struct instant value)
{
	char text[INSTANT_TEXT_MAX];

	instant_format(value, text);
	jsonw_str(w, str_c(text));
}

void jsonw_field_str(struct jsonw *w, const char *key, struct str value)
{
	jsonw_key(w, key);
	jsonw_str(w, value);
}

void jsonw_field_int(struct jsonw *w, const char *key, int64_t value)
{
	jsonw_key(w, key);
	jsonw_int(w, value);
}

void jsonw_field_bool(struct jsonw *w, const char *key, bool value)
{
	jsonw_key(w, key);
	jsonw_bool(w, value);
}

void jsonw_field_null(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_null(w);
}

void jsonw_field_time(struct jsonw *w, const char *key, struct instant value)
{
	jsonw_key(w, key);
	jsonw_time(w, value);
}

void jsonw_field_object(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_object(w);
}

void jsonw_field_array(struct jsonw *w, const char *key)
{
	jsonw_key(w, key);
	jsonw_array(w);
}

static const char *short_escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '\r':
		return "\\r";
	case '\t':
		return "\\t";
	default:
		return NULL;
	}
}

/* Also '<', '>' and '&', so that JSON may stand in a page; and DEL, for terminals. */
static bool needs_code(char c)
{
	return (unsigned char)c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7F;
}

void jsonw_add_string(struct buf *out, struct str s)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < s.n;) {
		const char *escape = short_escape(s.p[i]);
		size_t length;

		if (escape) {
			buf_add_c(out, escape);
			i++;
		} else if (needs_code(s.p[i])) {
			buf_addf(out, "\\u%04x", (unsigned)(unsigned char)s.p[i]);
			i++;
		} else if ((length = str_utf8_length(str_from(s, i))) > 0) {
			buf_add(out, str_n(s.p + i, length));
			i += length;
		} else {
			buf_add_c(out, "\\ufffd");
			i++;
		}
	}
	buf_add_char(out, '"');
}
