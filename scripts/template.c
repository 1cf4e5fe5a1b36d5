#include "scripts/template.h"

#include "scripts/template_parser.h"

static int parse_nodes(struct parser *p, struct template_node **first, struct err *e);

static int advance(struct parser *p, struct err *e)
{
	return template_next(&p->lexer, &p->token, e);
}

/* v.a | not v.a | v.a == x | v.a != x; words from `from` on */
static int parse_test(struct parser *p, struct template_node *node, struct err *e)
{
	const struct template_word *words = p->token.words;
	size_t count = p->token.words_count;
	int result;

	if (count == 2) {
		node->test = TEST_TRUE;
		return parser_add_value(p, node, &words[1], e);
	}
	if (count == 3 && words[1].kind == WORD_NAME && str_eq_c(words[1].text, "not")) {
		node->test = TEST_NOT;
		return parser_add_value(p, node, &words[2], e);
	}
	if (count != 4 || words[2].kind != WORD_SIGN)
		return gen_fail(e, p->token.at,
				"this must look like {{ if v.a }}, {{ if not v.a }}, "
				"{{ if v.a == \"x\" }} or {{ if v.a != \"x\" }}");
	node->test = str_eq_c(words[2].text, "==") ? TEST_EQUAL : TEST_DIFFERENT;
	result = parser_add_value(p, node, &words[1], e);
	if (result == 0 && node->args[0].kind != VALUE_PATH)
		return gen_fail(e, words[1].at, "the field comes first, then the literal");
	return result == 0 ? parser_add_value(p, node, &words[3], e) : result;
}

static int enter(struct parser *p, struct err *e)
{
	if (p->depth == TEMPLATE_DEPTH_MAX)
		return gen_fail(e, p->token.at, "blocks are nested deeper than %d",
				TEMPLATE_DEPTH_MAX);
	p->depth++;
	return html_block(&p->html, p->token.at, e);
}

static int leave(struct parser *p, struct template_node *node, struct err *e)
{
	p->depth--;
	if (!parser_at(p, "end"))
		return gen_fail(e, node->at, "this block has no {{ end }}");
	return parser_expect(p, 1, 1, "end", e);
}

/* At if or elif; ends at the {{ end }} that closes all of them. */
static int parse_if(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_IF);
	struct html_walk before;
	struct html_walk behind;
	int result = parse_test(p, node, e);

	if (result != 0 || (result = enter(p, e)) != 0)
		return result;
	before = p->html;
	if ((result = advance(p, e)) != 0 || (result = parse_nodes(p, &node->body, e)) != 0 ||
	    (result = html_block(&p->html, p->token.at, e)) != 0)
		return result;
	behind = p->html;
	p->html = before;
	if (parser_at(p, "elif")) {
		result = parse_if(p, &node->orelse, e);
	} else if (parser_at(p, "else")) {
		if ((result = parser_expect(p, 1, 1, "else", e)) == 0 &&
		    (result = advance(p, e)) == 0)
			result = parse_nodes(p, &node->orelse, e);
		if (result == 0)
			result = html_block(&p->html, p->token.at, e);
	}
	if (result == 0)
		result = html_meet(&p->html, &behind, p->token.at, e);
	return result == 0 ? leave(p, node, e) : result;
}

/* for NAME in v.field */
static int check_for(const struct parser *p, struct err *e)
{
	const struct template_word *words = p->token.words;
	int result = parser_expect(p, 4, 4, "for c in v.comments", e);

	if (result != 0)
		return result;
	if (words[2].kind != WORD_NAME || !str_eq_c(words[2].text, "in") ||
	    words[1].kind != WORD_NAME || !gen_is_name(words[1].text) || words[3].kind != WORD_NAME)
		return gen_fail(e, p->token.at, "this must look like {{ for c in v.comments }}");
	if (parser_in_scope(p, words[1].text) || parser_is_reserved(words[1].text))
		return gen_fail(e, words[1].at, "\"%.*s\" is taken", STR_FMT(words[1].text));
	if (str_eq(parser_first_of_path(words[3].text), words[3].text))
		return gen_fail(e, words[3].at, "a field of a struct must be looped over");
	return 0;
}

static int parse_for(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_FOR);
	struct html_walk before;
	int result = check_for(p, e);

	if (result != 0)
		return result;
	node->name = p->token.words[1].text;
	if ((result = parser_add_value(p, node, &p->token.words[3], e)) != 0 ||
	    (result = enter(p, e)) != 0)
		return result;
	before = p->html;
	p->scope[p->scope_count++] = node->name;
	if ((result = advance(p, e)) != 0 || (result = parse_nodes(p, &node->body, e)) != 0)
		return result;
	p->scope_count--;
	if ((result = html_block(&p->html, p->token.at, e)) != 0 ||
	    (result = html_meet(&p->html, &before, p->token.at, e)) != 0)
		return result;
	return leave(p, node, e);
}

static int parse_markup(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = parser_node(p, NODE_MARKUP);
	struct buf out;
	int result;

	buf_init(&out, GEN_FILE_MAX);
	p->html.at = p->token.at;
	result = html_feed(&p->html, p->token.text, &out, e);
	node->name = arena_str(p->arena, buf_str(&out));
	buf_fini(&out);
	if (node->name.n > 0)
		*made = node;
	return result;
}

static int parse_node(struct parser *p, struct template_node **made, struct err *e)
{
	if (p->token.kind == TOKEN_MARKUP)
		return parse_markup(p, made, e);
	if (parser_at(p, "if"))
		return parse_if(p, made, e);
	if (parser_at(p, "for"))
		return parse_for(p, made, e);
	if (parser_at(p, "include"))
		return parser_include(p, made, e);
	if (parser_at(p, "t"))
		return parser_message(p, made, e);
	if (parser_at(p, "url"))
		return parser_url(p, made, e);
	if (parser_at(p, "asset"))
		return parser_asset(p, made, e);
	return parser_simple(p, made, e);
}

/* Up to the end of the file or to a word that ends a block. */
static int parse_nodes(struct parser *p, struct template_node **first, struct err *e)
{
	struct template_node **link = first;

	while (p->token.kind != TOKEN_END && !parser_at(p, "end") && !parser_at(p, "else") &&
	       !parser_at(p, "elif")) {
		int result = parse_node(p, link, e);

		if (result != 0 || (result = advance(p, e)) != 0)
			return result;
		if (*link != NULL)
			link = &(*link)->next;
	}
	return 0;
}

static int parse_view(struct parser *p, struct err *e)
{
	const struct template_word *words = p->token.words;

	if (!parser_at(p, "view"))
		return gen_fail(e, p->token.at,
				"a template begins with {{ view struct view_x \"pages/x.h\" }}");
	if (p->token.words_count == 2 && str_eq_c(words[1].text, "none"))
		return 0;
	if (p->token.words_count != 4 || !str_eq_c(words[1].text, "struct") ||
	    words[2].kind != WORD_NAME || !gen_is_name(words[2].text) ||
	    words[3].kind != WORD_STRING)
		return gen_fail(e, p->token.at,
				"this must look like {{ view struct view_x \"pages/x.h\" }} or "
				"{{ view none }}");
	p->template->view = words[2].text;
	p->template->header = words[3].text;
	p->scope[p->scope_count++] = STR("v");
	return 0;
}

static int parse_all(struct parser *p, struct err *e)
{
	int result;

	if ((result = advance(p, e)) != 0 || (result = parse_view(p, e)) != 0 ||
	    (result = advance(p, e)) != 0 || (result = parse_nodes(p, &p->template->first, e)) != 0)
		return result;
	if (p->token.kind != TOKEN_END)
		return gen_fail(e, p->token.at, "there is no block to end or to continue");
	if (p->html.state != HTML_TEXT || p->html.is_script || p->html.is_verbatim)
		return gen_fail(e, p->token.at, "the template ends inside a tag, pre or script");
	return 0;
}

int template_parse(struct arena *a, const char *file, struct str text, struct template *template,
		   struct err *e)
{
	struct parser p = { .arena = a, .template = template };
	struct gen_place top = { .file = file, .line = 1, .column = 1 };

	if (!str_is_utf8_text(text))
		return gen_fail(e, top, "a template is UTF-8 text without NUL bytes");
	*template = (struct template){ .file = file };
	template_lex(&p.lexer, a, file, text);
	return parse_all(&p, e);
}
