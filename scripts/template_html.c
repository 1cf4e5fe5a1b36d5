#include "scripts/template_html.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == ':' || c == '_';
}

static struct str name_str(const struct html_name *name)
{
	return str_n(name->text, name->n);
}

static bool name_in(const struct html_name *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_eq_c(name_str(name), list[i]))
			return true;
	}
	return false;
}

static int name_add(struct html_walk *h, struct html_name *name, char c, struct err *e)
{
	if (!is_name_byte(c))
		return gen_fail(e, h->at, "a name of HTML cannot hold this byte");
	if (name->n == HTML_NAME_MAX)
		return gen_fail(e, h->at, "this name is longer than %d", HTML_NAME_MAX);
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	name->text[name->n++] = c;
	return 0;
}

/* Writes a byte; outside verbatim elements and values a run of white space becomes one byte. */
static void put(struct html_walk *h, struct buf *out, char c)
{
	bool is_free = h->state != HTML_ATTR_VALUE && !h->is_verbatim;

	if (is_free && is_space(c)) {
		if (c == '\r' || c == '\t' || c == '\f')
			c = ' ';
		if (h->last == '\n' || (h->last == ' ' && c == ' '))
			return;
		if (h->last == ' ' && out->n > 0) {
			out->p[out->n - 1] = c;
			h->last = c;
			return;
		}
	}
	buf_add_char(out, c);
	h->last = c;
}

static int check_element(struct html_walk *h, struct err *e)
{
	static const char *const refused[] = { "style",   "base",     "xmp",     "plaintext",
					       "listing", "noframes", "noembed", "object",
					       "embed",   "applet" };

	if (name_in(&h->element, refused, ARRAY_LEN(refused)))
		return gen_fail(e, h->at, "<%.*s> is not allowed in templates",
				STR_FMT(name_str(&h->element)));
	return 0;
}

static bool is_url_attr(const struct html_name *attr)
{
	static const char *const names[] = { "href",   "src",        "action",     "formaction",
					     "poster", "cite",       "background", "longdesc",
					     "ping",   "xlink:href", "manifest",   "data" };

	return name_in(attr, names, ARRAY_LEN(names));
}

static int check_attr(struct html_walk *h, struct err *e)
{
	static const char *const refused[] = { "style", "srcdoc", "http-equiv", "srcset",
					       "imagesrcset" };
	struct str name = name_str(&h->attr);

	if (str_starts(name, STR("on")) || name_in(&h->attr, refused, ARRAY_LEN(refused)))
		return gen_fail(e, h->at,
				"attribute %.*s is not allowed: no inline script or style "
				"(put it into web/assets)",
				STR_FMT(name));
	h->url = is_url_attr(&h->attr) ? URL_START : URL_NONE;
	return 0;
}

static void end_of_open_tag(struct html_walk *h)
{
	struct str name = name_str(&h->element);

	h->state = HTML_TEXT;
	if (str_eq_c(name, "pre") || str_eq_c(name, "textarea"))
		h->is_verbatim = true;
	if (str_eq_c(name, "script"))
		h->is_script = true;
}

static void end_of_close_tag(struct html_walk *h)
{
	h->state = HTML_TEXT;
	h->is_script = false;
	if (str_eq_c(name_str(&h->element), "pre") || str_eq_c(name_str(&h->element), "textarea"))
		h->is_verbatim = false;
}

static int feed_text(struct html_walk *h, char c, struct err *e)
{
	if (c == '<') {
		h->state = HTML_OPEN;
		h->element.n = 0;
	} else if (h->is_script && !is_space(c)) {
		return gen_fail(e, h->at, "inline script is not allowed (put it into web/assets)");
	} else if (c == '\0') {
		return gen_fail(e, h->at, "a NUL byte");
	}
	return 0;
}

static int feed_open(struct html_walk *h, char c, struct err *e)
{
	if (h->is_script && c != '/')
		return gen_fail(e, h->at, "inline script is not allowed (put it into web/assets)");
	if (c == '!') {
		h->state = HTML_MARK;
	} else if (c == '/') {
		h->state = HTML_CLOSE_NAME;
	} else if (is_name_byte(c) && c != '-' && c != ':' && c != '_') {
		h->state = HTML_TAG_NAME;
		return name_add(h, &h->element, c, e);
	} else {
		return gen_fail(e, h->at, "a name must follow <; write &lt; for the character");
	}
	return 0;
}

static int feed_mark(struct html_walk *h, char c, struct err *e)
{
	if (c == '-') {
		h->state = HTML_COMMENT;
		h->dashes = 0;
	} else if (c == 'd' || c == 'D') {
		h->state = HTML_DOCTYPE;
	} else {
		return gen_fail(e, h->at, "only <!doctype html> and comments may begin with <!");
	}
	return 0;
}

/* What may follow a complete tag name, value or attribute without value. */
static int feed_between(struct html_walk *h, char c, struct err *e)
{
	if (is_space(c)) {
		h->state = HTML_IN_TAG;
	} else if (c == '>') {
		end_of_open_tag(h);
	} else if (c == '/') {
		h->state = HTML_AFTER_VALUE;
	} else {
		return gen_fail(e, h->at, "white space, / or > must follow here");
	}
	return 0;
}

static int feed_tag_name(struct html_walk *h, char c, struct err *e)
{
	int result;

	if (is_name_byte(c))
		return name_add(h, &h->element, c, e);
	result = check_element(h, e);
	return result == 0 ? feed_between(h, c, e) : result;
}

static int feed_close_name(struct html_walk *h, char c, struct err *e)
{
	if (c != '>')
		return name_add(h, &h->element, c, e);
	if (h->is_script && !str_eq_c(name_str(&h->element), "script"))
		return gen_fail(e, h->at, "inline script is not allowed (put it into web/assets)");
	end_of_close_tag(h);
	return 0;
}

static int feed_in_tag(struct html_walk *h, char c, struct err *e)
{
	if (!is_name_byte(c))
		return feed_between(h, c, e);
	h->state = HTML_ATTR_NAME;
	h->attr.n = 0;
	return name_add(h, &h->attr, c, e);
}

static int feed_attr_name(struct html_walk *h, char c, struct err *e)
{
	int result;

	if (is_name_byte(c))
		return name_add(h, &h->attr, c, e);
	result = check_attr(h, e);
	if (result != 0)
		return result;
	if (c == '=') {
		h->state = HTML_ATTR_EQUALS;
		return 0;
	}
	return feed_between(h, c, e);
}

static int feed_equals(struct html_walk *h, char c, struct err *e)
{
	if (c != '"' && c != '\'')
		return gen_fail(e, h->at, "the value of %.*s must be in quotes",
				STR_FMT(name_str(&h->attr)));
	h->quote = c;
	h->state = HTML_ATTR_VALUE;
	h->scheme.n = 0;
	return 0;
}

static int check_scheme(struct html_walk *h, struct err *e)
{
	static const char *const schemes[] = { "http", "https", "mailto", "ssh" };

	if (!name_in(&h->scheme, schemes, ARRAY_LEN(schemes)))
		return gen_fail(e, h->at, "URLs of scheme %.*s: are not allowed",
				STR_FMT(name_str(&h->scheme)));
	h->url = URL_PATH;
	return 0;
}

/* A byte of a URL that the template spells out. */
static int feed_url(struct html_walk *h, char c, struct err *e)
{
	if (h->url == URL_SCHEME && c == ':')
		return check_scheme(h, e);
	if (h->url == URL_START || h->url == URL_SCHEME) {
		if (h->url == URL_START && (c == '#' || c == '?')) {
			h->url = URL_QUERY;
			return 0;
		}
		if (!is_name_byte(c))
			return gen_fail(
				e, h->at,
				"a URL begins with {{ url route }}, #, ? or a scheme, so that "
				"it is right under any base path");
		h->url = URL_SCHEME;
		return name_add(h, &h->scheme, c, e);
	}
	if (c == '?' || c == '#')
		h->url = URL_QUERY;
	return 0;
}

static int feed_value(struct html_walk *h, char c, struct err *e)
{
	if (c == h->quote) {
		if (h->url == URL_SCHEME)
			return gen_fail(e, h->at,
					"relative URLs are not allowed: use {{ url route }}");
		h->state = HTML_AFTER_VALUE;
		return 0;
	}
	if (c == '<')
		return gen_fail(e, h->at, "< in a value: a quote is missing, or write &lt;");
	return h->url != URL_NONE ? feed_url(h, c, e) : 0;
}

/* A comment's bytes are dropped; its < ! - are already written. */
static void feed_comment(struct html_walk *h, char c, struct buf *out)
{
	if (c == '>' && h->dashes >= 2) {
		h->state = HTML_TEXT;
		h->last = out->n > 0 ? out->p[out->n - 1] : '\0';
		return;
	}
	h->dashes = c == '-' ? h->dashes + 1 : 0;
}

static int feed_state(struct html_walk *h, char c, struct err *e)
{
	switch (h->state) {
	case HTML_TEXT:
		return feed_text(h, c, e);
	case HTML_OPEN:
		return feed_open(h, c, e);
	case HTML_MARK:
		return feed_mark(h, c, e);
	case HTML_DOCTYPE:
		if (c == '>')
			h->state = HTML_TEXT;
		return 0;
	case HTML_TAG_NAME:
		return feed_tag_name(h, c, e);
	case HTML_CLOSE_NAME:
		return feed_close_name(h, c, e);
	case HTML_IN_TAG:
	case HTML_AFTER_VALUE:
		return h->state == HTML_IN_TAG ? feed_in_tag(h, c, e) : feed_between(h, c, e);
	case HTML_ATTR_NAME:
		return feed_attr_name(h, c, e);
	case HTML_ATTR_EQUALS:
		return feed_equals(h, c, e);
	case HTML_ATTR_VALUE:
		return feed_value(h, c, e);
	case HTML_COMMENT:
		break;
	}
	return 0;
}

int html_feed(struct html_walk *h, struct str markup, struct buf *out, struct err *e)
{
	for (size_t i = 0; i < markup.n; i++) {
		char c = markup.p[i];

		if (h->state == HTML_COMMENT) {
			feed_comment(h, c, out);
		} else {
			int result = feed_state(h, c, e);

			if (result != 0)
				return result;
			if (h->state == HTML_COMMENT)
				out->n -= 2; /* "<!" went out before it was known */
			else
				put(h, out, c);
		}
		h->at.column++;
		if (c == '\n') {
			h->at.line++;
			h->at.column = 1;
		}
	}
	return 0;
}

int html_block(struct html_walk *h, struct gen_place at, struct err *e)
{
	int result = 0;

	h->at = at;
	h->last = '\0'; /* a loop comes back here: its white space is kept */
	if (h->state == HTML_TAG_NAME)
		result = check_element(h, e);
	if (h->state == HTML_ATTR_NAME)
		result = check_attr(h, e);
	if (h->state == HTML_TAG_NAME || h->state == HTML_ATTR_NAME)
		h->state = HTML_AFTER_VALUE;
	if (h->state == HTML_OPEN || h->state == HTML_MARK || h->state == HTML_DOCTYPE ||
	    h->state == HTML_COMMENT || h->state == HTML_CLOSE_NAME ||
	    h->state == HTML_ATTR_EQUALS || h->is_script)
		return gen_fail(e, at, "no template word may stand here");
	return result;
}

int html_place(const struct html_walk *h, struct gen_place at, enum template_place *place,
	       struct err *e)
{
	if (h->state == HTML_TEXT && !h->is_script) {
		*place = PLACE_TEXT;
		return 0;
	}
	if (h->state != HTML_ATTR_VALUE)
		return gen_fail(e, at, "a value may stand in text or in a quoted attribute only");
	switch (h->url) {
	case URL_NONE:
		*place = PLACE_ATTR;
		return 0;
	case URL_START:
		*place = PLACE_URL;
		return 0;
	case URL_PATH:
		*place = PLACE_PATH;
		return 0;
	case URL_QUERY:
		*place = PLACE_QUERY;
		return 0;
	case URL_SCHEME:
		break;
	}
	return gen_fail(e, at, "a value cannot stand in a URL's scheme");
}

void html_after_value(struct html_walk *h)
{
	h->last = 'x';
	if (h->state == HTML_ATTR_VALUE && h->url == URL_START)
		h->url = URL_PATH;
}

static bool is_between(const struct html_walk *h)
{
	return h->state == HTML_IN_TAG || h->state == HTML_AFTER_VALUE;
}

/* Both inside the same attribute's value; the URL's part may differ behind its front. */
static bool values_meet(struct html_walk *h, const struct html_walk *other)
{
	if (h->quote != other->quote || !str_eq(name_str(&h->attr), name_str(&other->attr)))
		return false;
	if (h->url == other->url)
		return true;
	if (h->url < URL_PATH || other->url < URL_PATH)
		return false;
	h->url = URL_QUERY; /* its encoding is right in a path's last part too */
	return true;
}

int html_meet(struct html_walk *h, const struct html_walk *other, struct gen_place at,
	      struct err *e)
{
	bool same;

	h->last = '\0';
	if (is_between(h) && is_between(other)) {
		same = str_eq(name_str(&h->element), name_str(&other->element));
		/* the stricter of the two: white space must follow */
		if (h->state != other->state)
			h->state = HTML_AFTER_VALUE;
	} else {
		same = h->state == other->state && h->is_script == other->is_script &&
		       h->is_verbatim == other->is_verbatim;
		if (same && h->state == HTML_ATTR_VALUE)
			same = values_meet(h, other);
	}
	if (!same)
		return gen_fail(e, at,
				"the ways through this block end at different places of the HTML "
				"(text, tag or attribute)");
	return 0;
}
