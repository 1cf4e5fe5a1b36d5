/*
 * Markdown of strangers. Asserted of every output: it is UTF-8; each tag is one
 * of those we write, with attributes from our list and quoted values; addresses
 * have no scheme but http, https and mailto; and tags are balanced, so that
 * nothing in it can close an element of the page around it.
 */
#include "render/markdown.h"

#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char tags[] =
	" a abbr b blockquote caption center cite code dd del details dfn div dl dt "
	"em figcaption figure h1 h2 h3 h4 h5 h6 i ins kbd li mark ol p pre q s samp "
	"section small span strike strong sub summary sup table tbody td tfoot th "
	"thead tr tt ul var ";
static const char void_tags[] = " br hr img input ";
static const char attributes[] =
	" align valign width height colspan rowspan start href src alt open "
	"title id name class rel type disabled checked aria-hidden ";

#define OPEN_MAX 100000

struct checker {
	struct str rest;
	struct str *open;
	size_t open_count;
};

static bool is_listed(const char *list, struct str word)
{
	char padded[64];

	if (word.n == 0 || word.n > 40)
		return false;
	padded[0] = ' ';
	memcpy(padded + 1, word.p, word.n);
	padded[word.n + 1] = ' ';
	padded[word.n + 2] = '\0';
	return strstr(list, padded) != NULL;
}

static struct str take_word(struct checker *c)
{
	size_t n = 0;
	struct str word;

	while (n < c->rest.n &&
	       (str_has(STR("abcdefghijklmnopqrstuvwxyz0123456789-"), c->rest.p[n])))
		n++;
	word = str_upto(c->rest, n);
	c->rest = str_from(c->rest, n);
	return word;
}

static void check_address(struct str value)
{
	size_t colon = str_find(value, ':');
	struct str front = str_upto(value, colon);

	ASSERT(!str_has(value, '\\') && !str_has(value, ' ') && !str_has(value, '\n'));
	ASSERT(!str_starts(value, STR("//")));
	if (colon == value.n || str_has(front, '/') || str_has(front, '#') || str_has(front, '?'))
		return;
	ASSERT(str_eq_nocase(front, STR("http")) || str_eq_nocase(front, STR("https")) ||
	       str_eq_nocase(front, STR("mailto")));
}

static void check_attribute(struct checker *c)
{
	struct str name = take_word(c);
	struct str value;

	ASSERT(is_listed(attributes, name));
	if (!str_cut_prefix(&c->rest, STR("=\""))) {
		ASSERT(str_eq_c(name, "disabled") || str_eq_c(name, "checked"));
		return;
	}
	value = str_upto(c->rest, str_find(c->rest, '"'));
	ASSERT(value.n < c->rest.n);
	ASSERT(!str_has(value, '<') && !str_has(value, '>'));
	if (str_eq_c(name, "href") || str_eq_c(name, "src"))
		check_address(value);
	if (str_eq_c(name, "id") || str_eq_c(name, "name"))
		ASSERT(str_starts(value, STR("user-content-")));
	c->rest = str_from(c->rest, value.n + 1);
}

static void check_tag(struct checker *c)
{
	bool is_close = str_cut_prefix(&c->rest, STR("/"));
	struct str name = take_word(c);

	if (is_close) {
		ASSERT(c->open_count > 0 && str_eq(c->open[--c->open_count], name));
		ASSERT(str_cut_prefix(&c->rest, STR(">")));
		return;
	}
	ASSERT(is_listed(tags, name) || is_listed(void_tags, name));
	while (str_cut_prefix(&c->rest, STR(" ")))
		check_attribute(c);
	ASSERT(str_cut_prefix(&c->rest, STR(">")));
	if (is_listed(tags, name)) {
		ASSERT(c->open_count < OPEN_MAX);
		c->open[c->open_count++] = name;
	}
}

static void check_html(struct str html)
{
	struct checker c = { .rest = html, .open = mem_alloc_array(OPEN_MAX, sizeof(struct str)) };

	ASSERT(html.n == 0 || str_is_utf8_text(html));
	while (c.rest.n > 0) {
		size_t at = str_find(c.rest, '<');

		ASSERT(!str_has(str_upto(c.rest, at), '>'));
		c.rest = str_from(c.rest, at + 1);
		if (at < html.n && c.rest.n > 0)
			check_tag(&c);
	}
	ASSERT(c.open_count == 0);
	mem_free(c.open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct markdown_context context = { .file_base = STR("/g/p/-/blob/main"),
					    .image_base = STR("/g/p/-/raw/main"),
					    .folder = STR("docs"),
					    .limit = MARKDOWN_FILE_MAX,
					    .hard_breaks = size % 2 == 1 };
	struct err e = { 0 };
	struct buf out;

	buf_init(&out, (size_t)8 * MARKDOWN_FILE_MAX);
	ASSERT(markdown_render(str_n(size ? (const char *)data : "", size), &context, &out, &e) ==
	       0);
	check_html(buf_str(&out));
	buf_fini(&out);
	return 0;
}
