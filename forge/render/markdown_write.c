/*
 * The tree of a document as HTML. Our own writer instead of cmark's, because
 * headings need ids, links need rel and the repository's addresses, and raw
 * HTML needs the allow-list in every place it may stand in; and because this one
 * stops at a ceiling.
 */
#include "render/markdown_private.h"

#include "base/table.h"

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>

#define SLUG_MAX 200
#define REL " rel=\"nofollow ugc noopener noreferrer\""

struct writer {
	struct buf *out;
	const struct markdown_context *context;
	struct arena *arena;
	struct open_tags open;
	struct table slugs;          /* heading ids used, each with how often */
	struct table footnotes_seen; /* a number's first reference carries the id */
	unsigned images;             /* inside how many images: their text is the alt */
	unsigned footnotes;
	bool in_table_head;
	size_t column;
	const uint8_t *alignments;
	size_t alignments_count;
};

static struct str literal(cmark_node *node)
{
	return str_c(cmark_node_get_literal(node));
}

static void line_start(struct writer *w)
{
	if (w->out->n > 0 && w->out->p[w->out->n - 1] != '\n')
		buf_add_char(w->out, '\n');
}

static void write_block(struct writer *w, bool entering, const char *tag)
{
	if (entering) {
		line_start(w);
		buf_addf(w->out, "<%s>\n", tag);
	} else {
		line_start(w);
		buf_addf(w->out, "</%s>\n", tag);
	}
}

static bool is_in_tight_list(cmark_node *paragraph)
{
	cmark_node *item = cmark_node_parent(paragraph);
	cmark_node *list = item ? cmark_node_parent(item) : NULL;

	return list && cmark_node_get_type(list) == CMARK_NODE_LIST &&
	       cmark_node_get_list_tight(list);
}

static void write_paragraph(struct writer *w, cmark_node *node, bool entering)
{
	if (is_in_tight_list(node))
		return;
	if (entering)
		line_start(w);
	buf_add_c(w->out, entering ? "<p>" : "</p>\n");
}

static void write_list(struct writer *w, cmark_node *node, bool entering)
{
	bool ordered = cmark_node_get_list_type(node) == CMARK_ORDERED_LIST;
	int start = cmark_node_get_list_start(node);

	if (!entering || !ordered || start == 1) {
		write_block(w, entering, ordered ? "ol" : "ul");
		return;
	}
	line_start(w);
	buf_addf(w->out, "<ol start=\"%d\">\n", start);
}

static void add_slug_text(struct str text, struct buf *slug)
{
	while (text.n > 0) {
		char c = text.p[0];
		size_t length = str_utf8_length(text);

		if (length > 1)
			buf_add(slug, str_upto(text, length));
		else if (c >= 'A' && c <= 'Z')
			buf_add_char(slug, (char)(c + 32));
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')
			buf_add_char(slug, c);
		else if (c == ' ')
			buf_add_char(slug, '-');
		text = str_from(text, length ? length : 1);
	}
}

/* As GitHub and GitLab build it, so that links written for them work here. */
static struct str slug_of(struct writer *w, cmark_node *heading)
{
	cmark_iter *iter = cmark_iter_new(heading);
	struct buf slug;
	struct str result;

	buf_init(&slug, SLUG_MAX);
	while (cmark_iter_next(iter) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iter);
		cmark_node_type type = cmark_node_get_type(node);

		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
			add_slug_text(literal(node), &slug);
		else if (type == CMARK_NODE_SOFTBREAK)
			buf_add_char(&slug, '-');
	}
	cmark_iter_free(iter);
	result = arena_str(w->arena, buf_str(&slug));
	buf_fini(&slug);
	return result.n ? result : STR("section");
}

/* "usage", "usage-1", ...: the first that is free. */
static struct str unique_slug(struct writer *w, struct str slug)
{
	unsigned *used = table_find(&w->slugs, slug);
	struct str free_one = slug;

	while (used) {
		free_one = arena_fmt(w->arena, "%.*s-%u", STR_FMT(slug), (*used)++);
		if (table_find(&w->slugs, free_one) == NULL)
			break;
	}
	used = ARENA_NEW(w->arena, unsigned);
	*used = 1;
	table_set(&w->slugs, free_one, used);
	return free_one;
}

static void write_heading(struct writer *w, cmark_node *node, bool entering)
{
	int level = cmark_node_get_heading_level(node);
	struct str slug;

	if (!entering) {
		buf_addf(w->out, "</h%d>\n", level);
		return;
	}
	slug = unique_slug(w, slug_of(w, node));
	line_start(w);
	buf_addf(w->out, "<h%d id=\"user-content-%.*s\"><a class=\"anchor\" href=\"#user-content-",
		 level, STR_FMT(slug));
	buf_addf(w->out, "%.*s\" aria-hidden=\"true\"></a>", STR_FMT(slug));
}

/* The language is a class of letters; our highlighter and styles look for it. */
static void write_code_block(struct writer *w, cmark_node *node)
{
	struct str info = str_c(cmark_node_get_fence_info(node));
	struct str language = str_upto(info, str_find(info, ' '));

	line_start(w);
	buf_add_c(w->out, "<pre><code");
	if (language.n > 0 && language.n <= 40) {
		buf_add_c(w->out, " class=\"language-");
		markdown_escape(w->out, language);
		buf_add_char(w->out, '"');
	}
	buf_add_char(w->out, '>');
	markdown_escape(w->out, literal(node));
	buf_add_c(w->out, "</code></pre>\n");
}

static void write_title(struct writer *w, cmark_node *node)
{
	struct str title = str_c(cmark_node_get_title(node));

	if (title.n == 0)
		return;
	buf_add_c(w->out, " title=\"");
	markdown_escape(w->out, title);
	buf_add_char(w->out, '"');
}

/* A link that may lead nowhere is its text alone. */
static void write_link(struct writer *w, cmark_node *node, bool entering)
{
	struct str url = str_c(cmark_node_get_url(node));
	struct buf address;
	bool is_external;
	bool good;

	buf_init(&address, 65536);
	good = markdown_url(url, w->context, false, &address, &is_external) && !address.full;
	if (good && entering) {
		buf_addf(w->out, "<a href=\"%s\"", address.p);
		write_title(w, node);
		buf_add_c(w->out, is_external ? REL ">" : ">");
	} else if (good) {
		buf_add_c(w->out, "</a>");
	}
	buf_fini(&address);
}

static void write_image(struct writer *w, cmark_node *node, bool entering)
{
	struct buf address;
	bool is_external;

	if (!entering) {
		if (--w->images == 0) {
			buf_add_char(w->out, '"');
			write_title(w, node);
			buf_add_char(w->out, '>');
		}
		return;
	}
	if (w->images++ > 0)
		return;
	buf_init(&address, 65536);
	buf_add_c(w->out, "<img");
	if (markdown_url(str_c(cmark_node_get_url(node)), w->context, true, &address,
			 &is_external) &&
	    !address.full)
		buf_addf(w->out, " src=\"%s\"", address.p);
	buf_add_c(w->out, " alt=\"");
	buf_fini(&address);
}

static void write_footnote_reference(struct writer *w, cmark_node *node)
{
	struct str number = literal(node);
	struct buf safe;
	bool is_first = number.n && table_find(&w->footnotes_seen, number) == NULL;

	if (is_first)
		table_set(&w->footnotes_seen, number, w);
	buf_init(&safe, 64);
	markdown_escape(&safe, number);
	buf_addf(w->out, "<sup><a href=\"#user-content-fn-%s\"", safe.p ? safe.p : "");
	if (is_first)
		buf_addf(w->out, " id=\"user-content-fnref-%s\"", safe.p);
	buf_addf(w->out, ">%s</a></sup>", safe.p ? safe.p : "");
	buf_fini(&safe);
}

static void write_footnote(struct writer *w, bool entering)
{
	if (!entering) {
		buf_addf(w->out, "<a href=\"#user-content-fnref-%u\">\xE2\x86\xA9</a></li>\n",
			 w->footnotes);
		return;
	}
	line_start(w);
	if (w->footnotes++ == 0) {
		open_tags_close(&w->open, w->out);
		buf_add_c(w->out, "<section class=\"footnotes\">\n<ol>\n");
	}
	buf_addf(w->out, "<li id=\"user-content-fn-%u\">\n", w->footnotes);
}

static void enter_table(struct writer *w, cmark_node *node)
{
	w->alignments = cmark_gfm_extensions_get_table_alignments(node);
	w->alignments_count = cmark_gfm_extensions_get_table_columns(node);
}

static void write_cell(struct writer *w, bool entering)
{
	const char *tag = w->in_table_head ? "th" : "td";
	uint8_t align = w->column < w->alignments_count ? w->alignments[w->column] : 0;

	if (!entering) {
		w->column++;
		buf_addf(w->out, "</%s>\n", tag);
		return;
	}
	buf_addf(w->out, "<%s", tag);
	if (align == 'l' || align == 'r' || align == 'c')
		buf_addf(w->out, " align=\"%s\"",
			 align == 'l'   ? "left"
			 : align == 'r' ? "right"
					: "center");
	buf_add_char(w->out, '>');
}

static void write_head(struct writer *w, bool entering)
{
	w->in_table_head = entering;
	w->column = 0;
	buf_add_c(w->out, entering ? "<thead>\n<tr>\n" : "</tr>\n</thead>\n");
}

/* A task's item is an item by type, and the extension's by name. */
static void write_item(struct writer *w, cmark_node *node, bool entering)
{
	bool is_task = str_eq_c(str_c(cmark_node_get_type_string(node)), "tasklist");

	if (!entering) {
		buf_add_c(w->out, "</li>\n");
		return;
	}
	line_start(w);
	buf_add_c(w->out, "<li>");
	if (is_task)
		buf_addf(w->out, "<input type=\"checkbox\" disabled%s> ",
			 cmark_gfm_extensions_get_tasklist_item_checked(node) ? " checked" : "");
}

/* Nodes of extensions have no constant, only a name. */
static void write_extension(struct writer *w, cmark_node *node, bool entering)
{
	struct str type = str_c(cmark_node_get_type_string(node));

	if (str_eq_c(type, "table")) {
		enter_table(w, node);
		write_block(w, entering, "table");
	} else if (str_eq_c(type, "table_header")) {
		write_head(w, entering);
	} else if (str_eq_c(type, "table_row")) {
		w->column = 0;
		buf_add_c(w->out, entering ? "<tr>\n" : "</tr>\n");
	} else if (str_eq_c(type, "table_cell")) {
		write_cell(w, entering);
	} else if (str_eq_c(type, "strikethrough")) {
		buf_add_c(w->out, entering ? "<del>" : "</del>");
	}
}

static bool write_inline(struct writer *w, cmark_node *node, bool entering)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
		markdown_escape(w->out, literal(node));
		return true;
	case CMARK_NODE_SOFTBREAK:
		buf_add_c(w->out, w->context->hard_breaks ? "<br>\n" : "\n");
		return true;
	case CMARK_NODE_LINEBREAK:
		buf_add_c(w->out, "<br>\n");
		return true;
	case CMARK_NODE_CODE:
		buf_add_c(w->out, "<code>");
		markdown_escape(w->out, literal(node));
		buf_add_c(w->out, "</code>");
		return true;
	case CMARK_NODE_HTML_INLINE:
		markdown_tags(literal(node), w->context, &w->open, w->out);
		return true;
	case CMARK_NODE_EMPH:
		buf_add_c(w->out, entering ? "<em>" : "</em>");
		return true;
	case CMARK_NODE_STRONG:
		buf_add_c(w->out, entering ? "<strong>" : "</strong>");
		return true;
	case CMARK_NODE_LINK:
		write_link(w, node, entering);
		return true;
	default:
		return false;
	}
}

static void write_node(struct writer *w, cmark_node *node, bool entering)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_DOCUMENT:
		return;
	case CMARK_NODE_BLOCK_QUOTE:
		write_block(w, entering, "blockquote");
		return;
	case CMARK_NODE_LIST:
		write_list(w, node, entering);
		return;
	case CMARK_NODE_ITEM:
		write_item(w, node, entering);
		return;
	case CMARK_NODE_CODE_BLOCK:
		write_code_block(w, node);
		return;
	case CMARK_NODE_HTML_BLOCK:
		line_start(w);
		markdown_tags(literal(node), w->context, &w->open, w->out);
		return;
	case CMARK_NODE_PARAGRAPH:
		write_paragraph(w, node, entering);
		return;
	case CMARK_NODE_HEADING:
		write_heading(w, node, entering);
		return;
	case CMARK_NODE_THEMATIC_BREAK:
		line_start(w);
		buf_add_c(w->out, "<hr>\n");
		return;
	case CMARK_NODE_FOOTNOTE_DEFINITION:
		write_footnote(w, entering);
		return;
	case CMARK_NODE_FOOTNOTE_REFERENCE:
		if (entering)
			write_footnote_reference(w, node);
		return;
	default:
		if (!write_inline(w, node, entering))
			write_extension(w, node, entering);
	}
}

/* Inside an image there is only its text. */
static void write_alt(struct writer *w, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
		markdown_escape(w->out, literal(node));
	else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
		buf_add_char(w->out, ' ');
}

static void write_event(struct writer *w, cmark_node *node, bool entering)
{
	bool has_inside = cmark_node_first_child(node) != NULL;

	if (cmark_node_get_type(node) == CMARK_NODE_IMAGE) {
		write_image(w, node, entering);
	} else if (w->images > 0) {
		write_alt(w, node);
	} else if (entering) {
		write_node(w, node, true);
		if (has_inside)
			open_tags_enter(&w->open);
	} else {
		if (has_inside)
			open_tags_leave(&w->open, w->out);
		write_node(w, node, false);
	}
}

void markdown_write(struct cmark_node *document, const struct markdown_context *context,
		    struct buf *out)
{
	struct writer w = { .out = out, .context = context, .arena = arena_open(0) };
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;

	table_init(&w.slugs, w.arena);
	table_init(&w.footnotes_seen, w.arena);
	while (!out->full && (event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		write_event(&w, cmark_iter_get_node(iter), event == CMARK_EVENT_ENTER);
	if (w.footnotes)
		buf_add_c(out, "</ol>\n</section>\n");
	cmark_iter_free(iter);
	open_tags_fini(&w.open);
	arena_close(w.arena);
}
