#include "scripts/template.h"

#include "scripts/template_html.h"
#include "scripts/template_lex.h"

struct parser {
	struct arena *arena;
	struct template *template;
	struct template_lexer lexer;
	struct template_token token; /* the one being looked at */
	struct html_walk html;
	struct str scope[TEMPLATE_DEPTH_MAX + 2]; /* names of variables */
	size_t scope_count;
	size_t depth;
};

static int parse_nodes(struct parser *p, struct template_node **first, struct err *e);

static int advance(struct parser *p, struct err *e)
{
	return template_next(&p->lexer, &p->token, e);
}

static bool at_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORDS && p->token.words_count > 0 &&
	       p->token.words[0].kind == WORD_NAME && str_eq_c(p->token.words[0].text, word);
}

static struct template_node *new_node(struct parser *p, enum template_kind kind)
{
	struct template_node *node = ARENA_NEW(p->arena, struct template_node);

	node->kind = kind;
	node->at = p->token.at;
	return node;
}

static bool in_scope(const struct parser *p, struct str name)
{
	for (size_t i = 0; i < p->scope_count; i++) {
		if (str_eq(p->scope[i], name))
			return true;
	}
	return false;
}

static bool is_reserved(struct str name)
{
	static const char *const words[] = { "t",  "url", "csrf", "time",  "elif", "else",   "end",
					     "in", "not", "out",  "asset", "view", "include" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(name, words[i]))
			return true;
	}
	return false;
}

static struct str first_of_path(struct str path)
{
	size_t i = 0;

	while (i < path.n && path.p[i] != '.' && path.p[i] != '-')
		i++;
	return str_upto(path, i);
}

/* name(.name|->name)* with a variable first */
static int check_path(const struct parser *p, const struct template_word *word, struct err *e)
{
	struct str rest = word->text;
	struct str first = first_of_path(rest);

	if (!in_scope(p, first))
		return gen_fail(e, word->at, "there is no variable \"%.*s\" here", STR_FMT(first));
	for (;;) {
		struct str name = first_of_path(rest);

		if (!gen_is_name(name))
			return gen_fail(e, word->at, "\"%.*s\" is not a field",
					STR_FMT(word->text));
		rest = str_from(rest, name.n);
		if (rest.n == 0)
			return 0;
		if (!str_cut_prefix(&rest, STR(".")) && !str_cut_prefix(&rest, STR("->")))
			return gen_fail(e, word->at, "\"%.*s\" is not a field",
					STR_FMT(word->text));
	}
}

static int add_value(struct parser *p, struct template_node *node, const struct template_word *word,
		     struct err *e)
{
	struct template_value *value = &node->args[node->args_count];

	if (node->args_count == TEMPLATE_ARGS_MAX)
		return gen_fail(e, word->at, "more than %d arguments", TEMPLATE_ARGS_MAX);
	value->at = word->at;
	value->text = word->text;
	node->args_count++;
	switch (word->kind) {
	case WORD_STRING:
		value->kind = VALUE_STRING;
		return 0;
	case WORD_NUMBER:
		value->kind = VALUE_NUMBER;
		return 0;
	case WORD_CONSTANT:
		value->kind = VALUE_CONSTANT;
		return 0;
	case WORD_NAME:
		value->kind = VALUE_PATH;
		return check_path(p, word, e);
	case WORD_SIGN:
		break;
	}
	return gen_fail(e, word->at, "a value must stand here");
}

static int add_values(struct parser *p, struct template_node *node, size_t from, struct err *e)
{
	for (size_t i = from; i < p->token.words_count; i++) {
		int result = add_value(p, node, &p->token.words[i], e);

		if (result != 0)
			return result;
	}
	return 0;
}

static int expect_words(const struct parser *p, size_t least, size_t most, const char *form,
			struct err *e)
{
	if (p->token.words_count < least || p->token.words_count > most)
		return gen_fail(e, p->token.at, "this must look like {{ %s }}", form);
	return 0;
}

/* v.a | not v.a | v.a == x | v.a != x; words from `from` on */
static int parse_test(struct parser *p, struct template_node *node, struct err *e)
{
	const struct template_word *words = p->token.words;
	size_t count = p->token.words_count;
	int result;

	if (count == 2) {
		node->test = TEST_TRUE;
		return add_value(p, node, &words[1], e);
	}
	if (count == 3 && words[1].kind == WORD_NAME && str_eq_c(words[1].text, "not")) {
		node->test = TEST_NOT;
		return add_value(p, node, &words[2], e);
	}
	if (count != 4 || words[2].kind != WORD_SIGN)
		return gen_fail(e, p->token.at,
				"this must look like {{ if v.a }}, {{ if not v.a }}, "
				"{{ if v.a == \"x\" }} or {{ if v.a != \"x\" }}");
	node->test = str_eq_c(words[2].text, "==") ? TEST_EQUAL : TEST_DIFFERENT;
	result = add_value(p, node, &words[1], e);
	if (result == 0 && node->args[0].kind != VALUE_PATH)
		return gen_fail(e, words[1].at, "the field comes first, then the literal");
	return result == 0 ? add_value(p, node, &words[3], e) : result;
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
	if (!at_word(p, "end"))
		return gen_fail(e, node->at, "this block has no {{ end }}");
	return expect_words(p, 1, 1, "end", e);
}

/* At if or elif; ends at the {{ end }} that closes all of them. */
static int parse_if(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_IF);
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
	if (at_word(p, "elif")) {
		result = parse_if(p, &node->orelse, e);
	} else if (at_word(p, "else")) {
		if ((result = expect_words(p, 1, 1, "else", e)) == 0 &&
		    (result = advance(p, e)) == 0)
			result = parse_nodes(p, &node->orelse, e);
		if (result == 0)
			result = html_block(&p->html, p->token.at, e);
	}
	if (result == 0)
		result = html_meet(&p->html, &behind, p->token.at, e);
	return result == 0 ? leave(p, node, e) : result;
}

static int parse_for(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_FOR);
	const struct template_word *words = p->token.words;
	struct html_walk before;
	int result = expect_words(p, 4, 4, "for c in v.comments", e);

	if (result != 0)
		return result;
	if (words[2].kind != WORD_NAME || !str_eq_c(words[2].text, "in") ||
	    words[1].kind != WORD_NAME || !gen_is_name(words[1].text) || words[3].kind != WORD_NAME)
		return gen_fail(e, p->token.at, "this must look like {{ for c in v.comments }}");
	if (in_scope(p, words[1].text) || is_reserved(words[1].text))
		return gen_fail(e, words[1].at, "\"%.*s\" is taken", STR_FMT(words[1].text));
	node->name = words[1].text;
	if ((result = add_value(p, node, &words[3], e)) != 0 || (result = enter(p, e)) != 0)
		return result;
	if (str_eq(first_of_path(words[3].text), words[3].text))
		return gen_fail(e, words[3].at, "a field of a struct must be looped over");
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

static int place_here(struct parser *p, struct template_node *node, struct err *e)
{
	int result = html_place(&p->html, node->at, &node->place, e);

	if (result == 0)
		html_after_value(&p->html);
	return result;
}

static int place_text_only(struct parser *p, struct template_node *node, const char *word,
			   struct err *e)
{
	int result = place_here(p, node, e);

	if (result == 0 && node->place != PLACE_TEXT)
		return gen_fail(e, node->at, "%s may stand in text only", word);
	return result;
}

static int parse_include(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_INCLUDE);
	int result = expect_words(p, 2, 3, "include layout/head v.head", e);
	struct str rest;
	struct str part;

	if (result != 0)
		return result;
	node->name = rest = p->token.words[1].text;
	while (str_cut(&rest, '/', &part)) {
		if (!gen_is_name(part))
			return gen_fail(e, p->token.words[1].at,
					"\"%.*s\" is not the name of a template",
					STR_FMT(node->name));
	}
	if ((result = add_values(p, node, 2, e)) != 0)
		return result;
	if (node->args_count == 1 && node->args[0].kind != VALUE_PATH)
		return gen_fail(e, node->args[0].at, "an include takes a struct");
	return place_text_only(p, node, "include", e);
}

/* What a message may hold, and how many values it asks for. */
static int check_message(const struct template_word *word, size_t *values, struct err *e)
{
	struct str s = word->text;

	*values = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '<')
			return gen_fail(e, word->at, "a message holds text, not HTML");
		if (s.p[i] != '%')
			continue;
		i++;
		if (i < s.n && s.p[i] == 's')
			++*values;
		else if (i >= s.n || (s.p[i] != 'n' && s.p[i] != '%'))
			return gen_fail(e, word->at, "placeholders are %%s, %%n and %%%%");
	}
	return 0;
}

static int parse_message(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_MESSAGE);
	const struct template_word *words = p->token.words;
	size_t from = 2;
	size_t values;
	int result = expect_words(p, 2, 3 + TEMPLATE_ARGS_MAX, "t \"message\" values", e);

	if (result != 0)
		return result;
	if (words[1].kind != WORD_STRING || words[1].text.n == 0)
		return gen_fail(e, words[1].at, "a message is a string in quotes");
	if ((result = check_message(&words[1], &values, e)) != 0)
		return result;
	node->name = words[1].text;
	if (p->token.words_count > 3 && words[2].kind == WORD_STRING &&
	    str_find_str(words[2].text, STR("%n")) < words[2].text.n) {
		size_t others;

		node->other = words[2].text;
		from = 3;
		if ((result = check_message(&words[2], &others, e)) != 0)
			return result;
		values = (values > others ? values : others) + 1;
	} else if (str_find_str(node->name, STR("%n")) < node->name.n) {
		return gen_fail(e, words[1].at,
				"a message with %%n needs its plural: {{ t \"%%n file\" \"%%n "
				"files\" n }}");
	}
	if ((result = add_values(p, node, from, e)) != 0)
		return result;
	if (node->args_count != values)
		return gen_fail(e, node->at, "this message needs %zu values and has %zu", values,
				node->args_count);
	if ((result = place_here(p, node, e)) != 0)
		return result;
	if (node->place != PLACE_TEXT && node->place != PLACE_ATTR)
		return gen_fail(e, node->at, "a message cannot stand in a URL");
	return 0;
}

static int parse_url(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_URL);
	int result = expect_words(p, 2, 2 + TEMPLATE_ARGS_MAX, "url route values", e);

	if (result != 0)
		return result;
	if (p->token.words[1].kind != WORD_NAME || !gen_is_name(p->token.words[1].text))
		return gen_fail(e, p->token.words[1].at, "a route's name must follow url");
	node->name = p->token.words[1].text;
	if ((result = add_values(p, node, 2, e)) != 0 || (result = place_here(p, node, e)) != 0)
		return result;
	if (node->place == PLACE_PATH || node->place == PLACE_QUERY)
		return gen_fail(e, node->at, "{{ url }} begins a URL; it cannot go on with one");
	return 0;
}

static int parse_asset(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = new_node(p, NODE_ASSET);
	int result = expect_words(p, 2, 2, "asset \"app.css\"", e);

	if (result != 0)
		return result;
	if (p->token.words[1].kind != WORD_STRING)
		return gen_fail(e, node->at, "an asset is named in quotes");
	node->name = p->token.words[1].text;
	if ((result = place_here(p, node, e)) != 0)
		return result;
	if (node->place != PLACE_URL && node->place != PLACE_ATTR)
		return gen_fail(e, node->at,
				"{{ asset }} is a whole URL and stands in an attribute");
	return 0;
}

static int parse_simple(struct parser *p, struct template_node **made, struct err *e)
{
	int result;

	if (at_word(p, "csrf")) {
		*made = new_node(p, NODE_CSRF);
		if ((result = expect_words(p, 1, 1, "csrf", e)) != 0)
			return result;
		return place_text_only(p, *made, "csrf", e);
	}
	if (at_word(p, "time")) {
		*made = new_node(p, NODE_TIME);
		if ((result = expect_words(p, 2, 2, "time v.at", e)) != 0 ||
		    (result = add_values(p, *made, 1, e)) != 0)
			return result;
		return place_text_only(p, *made, "time", e);
	}
	*made = new_node(p, NODE_VALUE);
	if (p->token.words_count != 1 || p->token.words[0].kind != WORD_NAME)
		return gen_fail(e, p->token.at,
				"unknown word: if, elif, else, end, for, include, t, url, asset, "
				"csrf, time, or one value");
	if ((result = add_values(p, *made, 0, e)) != 0)
		return result;
	return place_here(p, *made, e);
}

static int parse_markup(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = new_node(p, NODE_MARKUP);
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
	if (at_word(p, "if"))
		return parse_if(p, made, e);
	if (at_word(p, "for"))
		return parse_for(p, made, e);
	if (at_word(p, "include"))
		return parse_include(p, made, e);
	if (at_word(p, "t"))
		return parse_message(p, made, e);
	if (at_word(p, "url"))
		return parse_url(p, made, e);
	if (at_word(p, "asset"))
		return parse_asset(p, made, e);
	return parse_simple(p, made, e);
}

/* Up to the end of the file or to a word that ends a block. */
static int parse_nodes(struct parser *p, struct template_node **first, struct err *e)
{
	struct template_node **link = first;

	while (p->token.kind != TOKEN_END && !at_word(p, "end") && !at_word(p, "else") &&
	       !at_word(p, "elif")) {
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

	if (!at_word(p, "view"))
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

	*template = (struct template){ .file = file };
	template_lex(&p.lexer, a, file, text);
	return parse_all(&p, e);
}
