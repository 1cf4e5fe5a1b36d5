#include "scripts/template_parser.h"

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

int parser_include(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_INCLUDE);
	int result = parser_expect(p, 2, 3, "include layout/head v.head", e);
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
	if ((result = parser_add_values(p, node, 2, e)) != 0)
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

/* The one or two strings of a message; *from is the word behind them. */
static int read_message(struct parser *p, struct template_node *node, size_t *from, size_t *values,
			struct err *e)
{
	const struct template_word *words = p->token.words;
	size_t others = 0;
	int result;

	*from = 2;
	if (words[1].kind != WORD_STRING || words[1].text.n == 0)
		return gen_fail(e, words[1].at, "a message is a string in quotes");
	if ((result = check_message(&words[1], values, e)) != 0)
		return result;
	node->name = words[1].text;
	if (p->token.words_count > 3 && words[2].kind == WORD_STRING &&
	    str_find_str(words[2].text, STR("%n")) < words[2].text.n) {
		node->other = words[2].text;
		*from = 3;
		result = check_message(&words[2], &others, e);
		*values = (*values > others ? *values : others) + 1;
	} else if (str_find_str(node->name, STR("%n")) < node->name.n) {
		return gen_fail(e, words[1].at,
				"a message with %%n needs its plural: "
				"{{ t \"%%n file\" \"%%n files\" n }}");
	}
	return result;
}

int parser_message(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_MESSAGE);
	size_t from;
	size_t values;
	int result = parser_expect(p, 2, 3 + TEMPLATE_ARGS_MAX, "t \"message\" values", e);

	if (result != 0 || (result = read_message(p, node, &from, &values, e)) != 0 ||
	    (result = parser_add_values(p, node, from, e)) != 0)
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

int parser_url(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_URL);
	int result = parser_expect(p, 2, 2 + TEMPLATE_ARGS_MAX, "url route values", e);

	if (result != 0)
		return result;
	if (p->token.words[1].kind != WORD_NAME || !gen_is_name(p->token.words[1].text))
		return gen_fail(e, p->token.words[1].at, "a route's name must follow url");
	node->name = p->token.words[1].text;
	if ((result = parser_add_values(p, node, 2, e)) != 0 ||
	    (result = place_here(p, node, e)) != 0)
		return result;
	if (node->place == PLACE_PATH || node->place == PLACE_QUERY)
		return gen_fail(e, node->at, "{{ url }} begins a URL; it cannot go on with one");
	return 0;
}

int parser_asset(struct parser *p, struct template_node **made, struct err *e)
{
	struct template_node *node = *made = parser_node(p, NODE_ASSET);
	int result = parser_expect(p, 2, 2, "asset \"app.css\"", e);

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

int parser_simple(struct parser *p, struct template_node **made, struct err *e)
{
	int result;

	if (parser_at(p, "csrf")) {
		*made = parser_node(p, NODE_CSRF);
		if ((result = parser_expect(p, 1, 1, "csrf", e)) != 0)
			return result;
		return place_text_only(p, *made, "csrf", e);
	}
	if (parser_at(p, "time")) {
		*made = parser_node(p, NODE_TIME);
		if ((result = parser_expect(p, 2, 2, "time v.at", e)) != 0 ||
		    (result = parser_add_values(p, *made, 1, e)) != 0)
			return result;
		return place_text_only(p, *made, "time", e);
	}
	*made = parser_node(p, NODE_VALUE);
	if (p->token.words_count != 1 || p->token.words[0].kind != WORD_NAME)
		return gen_fail(e, p->token.at,
				"unknown word: if, elif, else, end, for, include, t, url, asset, "
				"csrf, time, or one value");
	if ((result = parser_add_values(p, *made, 0, e)) != 0)
		return result;
	return place_here(p, *made, e);
}
