/*
 * Raw HTML in markdown: an allow-list of tags and, for each, of attributes.
 * A tag that is not on the list is shown as the text it is. What is written is
 * put together anew from names of our tables and escaped values: no byte of a
 * stranger reaches the page as markup.
 *
 * Nesting: a tag is closed only if it was opened in the same or an inner part
 * of the document, and everything open is closed where its part ends, so
 * that raw HTML cannot close an element of the page around it.
 */
#include "render/markdown_private.h"

#include "base/mem.h"

#define TAG_MAX 2048
#define VALUE_MAX 4096

enum tag_kind { TAG_PAIR, TAG_VOID, TAG_DROPPED };

enum {
	ATTR_ALIGN = 1, /* left, right, center, justify; top, middle, bottom */
	ATTR_SIZE = 2,  /* width, height */
	ATTR_SPAN = 4,  /* colspan, rowspan, start */
	ATTR_HREF = 8,
	ATTR_SRC = 16, /* src, alt */
	ATTR_OPEN = 32,
	ATTR_TEXT = 64, /* title; all have it */
	ATTR_ID = 128,  /* id, name; all have it */
};

static const struct {
	char name[12];
	unsigned char kind;
	unsigned char attributes;
} tags[] = {
	{ "a", TAG_PAIR, ATTR_HREF },
	{ "abbr", TAG_PAIR, 0 },
	{ "b", TAG_PAIR, 0 },
	{ "blockquote", TAG_PAIR, 0 },
	{ "br", TAG_VOID, 0 },
	{ "caption", TAG_PAIR, ATTR_ALIGN },
	{ "center", TAG_PAIR, 0 },
	{ "cite", TAG_PAIR, 0 },
	{ "code", TAG_PAIR, 0 },
	{ "dd", TAG_PAIR, 0 },
	{ "del", TAG_PAIR, 0 },
	{ "details", TAG_PAIR, ATTR_OPEN },
	{ "dfn", TAG_PAIR, 0 },
	{ "div", TAG_PAIR, ATTR_ALIGN },
	{ "dl", TAG_PAIR, 0 },
	{ "dt", TAG_PAIR, 0 },
	{ "em", TAG_PAIR, 0 },
	{ "figcaption", TAG_PAIR, 0 },
	{ "figure", TAG_PAIR, 0 },
	{ "font", TAG_DROPPED, 0 },
	{ "h1", TAG_PAIR, ATTR_ALIGN },
	{ "h2", TAG_PAIR, ATTR_ALIGN },
	{ "h3", TAG_PAIR, ATTR_ALIGN },
	{ "h4", TAG_PAIR, ATTR_ALIGN },
	{ "h5", TAG_PAIR, ATTR_ALIGN },
	{ "h6", TAG_PAIR, ATTR_ALIGN },
	{ "hr", TAG_VOID, 0 },
	{ "i", TAG_PAIR, 0 },
	{ "img", TAG_VOID, ATTR_SRC | ATTR_SIZE | ATTR_ALIGN },
	{ "ins", TAG_PAIR, 0 },
	{ "kbd", TAG_PAIR, 0 },
	{ "li", TAG_PAIR, 0 },
	{ "mark", TAG_PAIR, 0 },
	{ "ol", TAG_PAIR, ATTR_SPAN },
	{ "p", TAG_PAIR, ATTR_ALIGN },
	{ "picture", TAG_DROPPED, 0 },
	{ "pre", TAG_PAIR, 0 },
	{ "q", TAG_PAIR, 0 },
	{ "s", TAG_PAIR, 0 },
	{ "samp", TAG_PAIR, 0 },
	{ "small", TAG_PAIR, 0 },
	{ "source", TAG_DROPPED, 0 },
	{ "span", TAG_PAIR, 0 },
	{ "strike", TAG_PAIR, 0 },
	{ "strong", TAG_PAIR, 0 },
	{ "sub", TAG_PAIR, 0 },
	{ "summary", TAG_PAIR, 0 },
	{ "sup", TAG_PAIR, 0 },
	{ "table", TAG_PAIR, ATTR_ALIGN | ATTR_SIZE },
	{ "tbody", TAG_PAIR, 0 },
	{ "td", TAG_PAIR, ATTR_ALIGN | ATTR_SIZE | ATTR_SPAN },
	{ "tfoot", TAG_PAIR, 0 },
	{ "th", TAG_PAIR, ATTR_ALIGN | ATTR_SIZE | ATTR_SPAN },
	{ "thead", TAG_PAIR, 0 },
	{ "tr", TAG_PAIR, ATTR_ALIGN },
	{ "tt", TAG_PAIR, 0 },
	{ "ul", TAG_PAIR, 0 },
	{ "var", TAG_PAIR, 0 },
};

static const struct {
	char name[8];
	unsigned char kind;
} attributes[] = {
	{ "align", ATTR_ALIGN }, { "valign", ATTR_ALIGN }, { "width", ATTR_SIZE },
	{ "height", ATTR_SIZE }, { "colspan", ATTR_SPAN }, { "rowspan", ATTR_SPAN },
	{ "start", ATTR_SPAN },  { "href", ATTR_HREF },    { "src", ATTR_SRC },
	{ "alt", ATTR_TEXT },    { "open", ATTR_OPEN },    { "title", ATTR_TEXT },
	{ "id", ATTR_ID },       { "name", ATTR_ID },
};

static size_t find_tag(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (str_eq_nocase(name, str_c(tags[i].name)))
			return i;
	}
	return ARRAY_LEN(tags);
}

void open_tags_fini(struct open_tags *open)
{
	mem_free(open->scopes);
	open->scopes = NULL;
}

void open_tags_enter(struct open_tags *open)
{
	if (open->scopes_count == open->scopes_room) {
		open->scopes_room = open->scopes_room ? open->scopes_room * 2 : 64;
		open->scopes = mem_grow(open->scopes, open->scopes_room * sizeof(open->scopes[0]));
	}
	open->scopes[open->scopes_count++] = open->count;
}

static void close_down_to(struct open_tags *open, size_t count, struct buf *out)
{
	while (open->count > count)
		buf_addf(out, "</%s>", tags[open->tags[--open->count]].name);
}

void open_tags_close(struct open_tags *open, struct buf *out)
{
	ASSERT(open->scopes_count > 0);
	close_down_to(open, open->scopes[open->scopes_count - 1], out);
}

void open_tags_leave(struct open_tags *open, struct buf *out)
{
	open_tags_close(open, out);
	open->scopes_count--;
}

static void close_tag(struct open_tags *open, size_t tag, struct buf *out)
{
	size_t floor = open->scopes_count ? open->scopes[open->scopes_count - 1] : 0;

	for (size_t i = open->count; i > floor; i--) {
		if (open->tags[i - 1] == tag) {
			close_down_to(open, i - 1, out);
			return;
		}
	}
}

static size_t decode_named(struct str s, struct buf *out)
{
	static const struct {
		const char *name;
		char c;
	} named[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' } };

	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (str_starts(s, str_c(named[i].name))) {
			buf_add_char(out, named[i].c);
			return strlen(named[i].name);
		}
	}
	return 0;
}

static uint32_t digit_of(char c)
{
	char lower = (char)(c | 32);

	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	return lower >= 'a' && lower <= 'f' ? (uint32_t)(lower - 'a') + 10 : 99;
}

/* "&#58;", "&#x3a;": ASCII only; others stay as they are, escaped, and so stay text. */
static size_t decode_numeric(struct str s, struct buf *out)
{
	bool is_hex = s.n > 2 && (s.p[2] == 'x' || s.p[2] == 'X');
	uint32_t base = is_hex ? 16 : 10;
	size_t first = is_hex ? 3 : 2;
	size_t end = str_find(str_upto(s, 12), ';');
	uint32_t value = 0;

	if (!str_starts(s, STR("&#")) || end <= first || end >= 12 || end >= s.n)
		return 0;
	for (size_t i = first; i < end; i++) {
		if (digit_of(s.p[i]) >= base)
			return 0;
		value = value * base + digit_of(s.p[i]);
		if (value >= 0x80)
			return 0;
	}
	buf_add_char(out, (char)value);
	return end + 1;
}

/* How many bytes a character reference took; 0: there is none that matters. */
static size_t decode_reference(struct str s, struct buf *out)
{
	size_t used = decode_named(s, out);

	return used ? used : decode_numeric(s, out);
}

static void decode_value(struct str value, struct buf *out)
{
	while (value.n > 0) {
		size_t used = value.p[0] == '&' ? decode_reference(value, out) : 0;

		if (used == 0)
			buf_add_char(out, value.p[0]);
		value = str_from(value, used ? used : 1);
	}
}

static bool is_number(struct str value)
{
	if (str_ends(value, STR("%")) || str_ends(value, STR("px")))
		value.n -= value.p[value.n - 1] == '%' ? 1 : 2;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
	}
	return value.n > 0 && value.n <= 5;
}

static bool is_alignment(struct str value)
{
	static const char *const words[] = { "left", "right",  "center", "justify",
					     "top",  "middle", "bottom" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_nocase(value, str_c(words[i])))
			return true;
	}
	return false;
}

/* The value an attribute is written with, into out; false: the attribute is left out. */
static bool checked_value(unsigned kind, struct str value, const struct markdown_context *context,
			  struct buf *out)
{
	bool is_external;

	switch (kind) {
	case ATTR_HREF:
	case ATTR_SRC:
		return markdown_url(value, context, kind == ATTR_SRC, out, &is_external);
	case ATTR_ALIGN:
		if (!is_alignment(value))
			return false;
		break;
	case ATTR_SIZE:
	case ATTR_SPAN:
		if (!is_number(value))
			return false;
		break;
	case ATTR_ID:
		buf_add_c(out, "user-content-");
		break;
	default:
		break;
	}
	markdown_escape(out, value);
	return true;
}

static void add_attribute(unsigned allowed, struct str name, struct str raw, unsigned *seen,
			  const struct markdown_context *context, struct buf *out)
{
	struct buf decoded;
	struct buf value;

	for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
		if (!str_eq_nocase(name, str_c(attributes[i].name)))
			continue;
		if (!(attributes[i].kind & allowed) || (*seen & (1u << i)))
			return;
		*seen |= 1u << i;
		buf_init(&decoded, VALUE_MAX);
		buf_init(&value, (size_t)8 * VALUE_MAX);
		decode_value(raw, &decoded);
		if (!decoded.full &&
		    checked_value(attributes[i].kind, buf_str(&decoded), context, &value))
			buf_addf(out, " %s=\"%s\"", attributes[i].name, value.p ? value.p : "");
		buf_fini(&value);
		buf_fini(&decoded);
		return;
	}
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct str skip_space(struct str s)
{
	while (s.n > 0 && is_space(s.p[0]))
		s = str_from(s, 1);
	return s;
}

static struct str take_while(struct str *s, const char *stops)
{
	size_t n = 0;
	struct str taken;

	while (n < s->n && s->p[n] && !strchr(stops, s->p[n]))
		n++;
	taken = str_upto(*s, n);
	*s = str_from(*s, n);
	return taken;
}

/* name, name=value, name="value", name='value'; false at the end of the tag. */
static bool take_attribute(struct str *s, struct str *name, struct str *value)
{
	*s = skip_space(*s);
	*name = take_while(s, " \t\n\r\f=/>\"'<");
	*value = STR("");
	if (name->n == 0)
		return false;
	*s = skip_space(*s);
	if (!str_starts(*s, STR("=")))
		return true;
	*s = skip_space(str_from(*s, 1));
	if (s->n && (s->p[0] == '"' || s->p[0] == '\'')) {
		char quote[2] = { s->p[0], '\0' };

		*s = str_from(*s, 1);
		*value = take_while(s, quote);
		*s = str_from(*s, 1);
	} else {
		*value = take_while(s, " \t\n\r\f>\"'<`");
	}
	return true;
}

static void open_tag(size_t tag, struct str rest, const struct markdown_context *context,
		     struct open_tags *open, struct buf *out)
{
	unsigned allowed = tags[tag].attributes | ATTR_TEXT | ATTR_ID;
	unsigned seen = 0;
	struct str name;
	struct str value;

	if (tags[tag].kind == TAG_PAIR && open->count == OPEN_TAGS_MAX)
		return;
	buf_addf(out, "<%s", tags[tag].name);
	while (take_attribute(&rest, &name, &value))
		add_attribute(allowed, name, value, &seen, context, out);
	if (allowed & ATTR_HREF)
		buf_add_c(out, " rel=\"nofollow ugc noopener noreferrer\"");
	buf_add_char(out, '>');
	if (tags[tag].kind == TAG_VOID)
		return;
	open->tags[open->count++] = (unsigned char)tag;
	if (str_starts(skip_space(rest), STR("/")))
		close_tag(open, tag, out);
}

/* The length of the tag at the start of s, quotes respected; 0 if there is none. */
static size_t tag_length(struct str s)
{
	char quote = '\0';

	for (size_t i = 1; i < s.n && i < TAG_MAX; i++) {
		char c = s.p[i];

		if (quote)
			quote = c == quote ? '\0' : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '>')
			return i + 1;
		else if (c == '<')
			return 0;
	}
	return 0;
}

/* Text between tags: its character references stay what they are. */
static void add_text(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		char next = i + 1 < text.n ? text.p[i + 1] : ' ';

		if (text.p[i] == '&' && (next == '#' || ((next | 32) >= 'a' && (next | 32) <= 'z')))
			buf_add_char(out, '&');
		else
			markdown_escape(out, str_n(text.p + i, 1));
	}
}

static void add_tag(struct str whole, const struct markdown_context *context,
		    struct open_tags *open, struct buf *out)
{
	struct str inner = str_n(whole.p + 1, whole.n - 2);
	bool is_close = str_cut_prefix(&inner, STR("/"));
	struct str name = take_while(&inner, " \t\n\r\f/>");
	size_t tag = find_tag(name);

	if (tag == ARRAY_LEN(tags))
		markdown_escape(out, whole);
	else if (tags[tag].kind == TAG_DROPPED)
		return;
	else if (is_close)
		close_tag(open, tag, out);
	else
		open_tag(tag, inner, context, open, out);
}

void markdown_tags(struct str html, const struct markdown_context *context, struct open_tags *open,
		   struct buf *out)
{
	while (html.n > 0) {
		size_t at = str_find(html, '<');
		size_t length;

		add_text(str_upto(html, at), out);
		html = str_from(html, at);
		if (html.n == 0)
			return;
		if (str_starts(html, STR("<!--"))) {
			html = str_from(html, str_find_str(html, STR("-->")) + 3);
			continue;
		}
		length = tag_length(html);
		if (length == 0) {
			markdown_escape(out, str_upto(html, 1));
			length = 1;
		} else if (html.p[1] != '!' && html.p[1] != '?') {
			add_tag(str_upto(html, length), context, open, out);
		}
		html = str_from(html, length);
	}
}
