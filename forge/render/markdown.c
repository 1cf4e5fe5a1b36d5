#include "render/markdown_private.h"

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

#define OPTIONS (CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_FOOTNOTES)

void markdown_setup(void)
{
	cmark_gfm_core_extensions_ensure_registered();
}

static cmark_node *parse(struct str text)
{
	static const char *const extensions[] = { "table", "strikethrough", "autolink",
						  "tasklist" };
	cmark_parser *parser = cmark_parser_new(OPTIONS);
	cmark_node *document;

	for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
		cmark_syntax_extension *extension = cmark_find_syntax_extension(extensions[i]);

		ASSERT(extension != NULL);
		cmark_parser_attach_syntax_extension(parser, extension);
	}
	cmark_parser_feed(parser, text.p, text.n);
	document = cmark_parser_finish(parser);
	cmark_parser_free(parser);
	return document;
}

int markdown_plain(struct str text, struct buf *out, struct err *e)
{
	buf_add_c(out, "<pre class=\"plain\">");
	while (text.n > 0) {
		size_t length = text.p[0] ? str_utf8_length(text) : 0;

		if (length)
			markdown_escape(out, str_upto(text, length));
		else
			buf_add_c(out, "\xEF\xBF\xBD");
		text = str_from(text, length ? length : 1);
	}
	buf_add_c(out, "</pre>\n");
	return buf_check(out, "The rendered text", e);
}

int markdown_render(struct str text, const struct markdown_context *context, struct buf *out,
		    struct err *e)
{
	cmark_node *document;
	struct buf html;

	if (text.n > context->limit || !markdown_scan(text))
		return markdown_plain(text, out, e);
	markdown_setup();
	buf_init(&html, MARKDOWN_OUTPUT_MAX);
	document = parse(text);
	markdown_write(document, context, &html);
	cmark_node_free(document);
	if (html.full) {
		buf_fini(&html);
		return markdown_plain(text, out, e);
	}
	buf_add(out, buf_str(&html));
	buf_fini(&html);
	return buf_check(out, "The rendered text", e);
}

static bool has_ending(struct str name, const char *ending)
{
	size_t n = strlen(ending);

	return name.n >= n && str_eq_nocase(str_from(name, name.n - n), str_c(ending));
}

bool markdown_is_name(struct str name)
{
	return has_ending(name, ".md") || has_ending(name, ".markdown") ||
	       has_ending(name, ".mkd") || has_ending(name, ".mdown");
}

int markdown_readme_rank(struct str name)
{
	if (!str_starts_nocase(name, STR("readme")))
		return 0;
	if (str_eq_nocase(name, STR("readme.md")))
		return 1;
	if (markdown_is_name(name))
		return 2;
	if (name.n == 6)
		return 3;
	return has_ending(name, ".txt") || has_ending(name, ".rst") ? 4 : 0;
}
