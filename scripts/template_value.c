#include "scripts/template_parser.h"

bool parser_at(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORDS && p->token.words_count > 0 &&
	       p->token.words[0].kind == WORD_NAME && str_eq_c(p->token.words[0].text, word);
}

struct template_node *parser_node(struct parser *p, enum template_kind kind)
{
	struct template_node *node = ARENA_NEW(p->arena, struct template_node);

	node->kind = kind;
	node->at = p->token.at;
	return node;
}

bool parser_in_scope(const struct parser *p, struct str name)
{
	for (size_t i = 0; i < p->scope_count; i++) {
		if (str_eq(p->scope[i], name))
			return true;
	}
	return false;
}

bool parser_is_reserved(struct str name)
{
	static const char *const words[] = { "t",  "url", "csrf", "time",  "elif", "else",   "end",
					     "in", "not", "out",  "asset", "view", "include" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(name, words[i]))
			return true;
	}
	return false;
}

struct str parser_first_of_path(struct str path)
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
	struct str first = parser_first_of_path(rest);

	if (!parser_in_scope(p, first))
		return gen_fail(e, word->at, "there is no variable \"%.*s\" here", STR_FMT(first));
	for (;;) {
		struct str name = parser_first_of_path(rest);

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

int parser_add_value(struct parser *p, struct template_node *node, const struct template_word *word,
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

int parser_add_values(struct parser *p, struct template_node *node, size_t from, struct err *e)
{
	for (size_t i = from; i < p->token.words_count; i++) {
		int result = parser_add_value(p, node, &p->token.words[i], e);

		if (result != 0)
			return result;
	}
	return 0;
}

int parser_expect(const struct parser *p, size_t least, size_t most, const char *form,
		  struct err *e)
{
	if (p->token.words_count < least || p->token.words_count > most)
		return gen_fail(e, p->token.at, "this must look like {{ %s }}", form);
	return 0;
}
