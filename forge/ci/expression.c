/*
 * Tokens, then a recursive descent over: or := and ("||" and)*,
 * and := compare ("&&" compare)*, compare := value (operator value)*.
 * Every operand is evaluated, so that an error shows whatever the values are.
 */
#include "ci/expression.h"

#include "ci/pattern.h"

enum token_kind {
	TOKEN_END,
	TOKEN_VARIABLE,
	TOKEN_TEXT,
	TOKEN_PATTERN,
	TOKEN_NULL,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_MATCH,
	TOKEN_NO_MATCH,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
};

struct token {
	enum token_kind kind;
	struct str text; /* name, text inside the quotes, or the whole /pattern/flags */
	size_t at;
};

struct value {
	enum { VALUE_NULL, VALUE_TEXT, VALUE_PATTERN, VALUE_BOOL } kind;
	struct str text;
	bool boolean;
};

struct evaluator {
	struct arena *arena;
	const struct ci_variables *variables; /* NULL: only the syntax is checked */
	struct token tokens[CI_EXPRESSION_TOKENS + 1];
	size_t count;
	size_t next;
};

static const struct {
	const char *text;
	enum token_kind kind;
} symbols[] = {
	{ "==", TOKEN_EQ },  { "!=", TOKEN_NE }, { "=~", TOKEN_MATCH }, { "!~", TOKEN_NO_MATCH },
	{ "&&", TOKEN_AND }, { "||", TOKEN_OR }, { "(", TOKEN_OPEN },   { ")", TOKEN_CLOSE },
};

static const struct {
	const char *text;
	enum token_kind kind;
} words[] = {
	{ "null", TOKEN_NULL },
	{ "true", TOKEN_TRUE },
	{ "false", TOKEN_FALSE },
};

static int syntax_error(size_t at, const char *what, struct err *e)
{
	return err_set(e, ERR_UNPROCESSABLE, "invalid expression syntax: %s at character %zu", what,
		       at + 1);
}

static bool is_word_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_word_char(s.p[n]))
		n++;
	return n;
}

static size_t take_symbol(struct str rest, struct token *token)
{
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
		if (str_starts(rest, str_c(symbols[i].text))) {
			token->kind = symbols[i].kind;
			return strlen(symbols[i].text);
		}
	}
	return 0;
}

static size_t take_word(struct str rest, struct token *token)
{
	struct str word = str_upto(rest, word_length(rest));

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(word, words[i].text)) {
			token->kind = words[i].kind;
			return word.n;
		}
	}
	return 0;
}

static size_t take_variable(struct str rest, struct token *token)
{
	size_t n = rest.p[0] == '$' ? word_length(str_from(rest, 1)) : 0;

	if (n == 0)
		return 0;
	token->kind = TOKEN_VARIABLE;
	token->text = str_upto(str_from(rest, 1), n);
	return n + 1;
}

static size_t take_text(struct str rest, struct token *token)
{
	size_t n;

	if (rest.p[0] != '"' && rest.p[0] != '\'')
		return 0;
	n = str_find(str_from(rest, 1), rest.p[0]);
	if (n + 1 >= rest.n)
		return 0;
	token->kind = TOKEN_TEXT;
	token->text = str_upto(str_from(rest, 1), n);
	return n + 2;
}

/* "/", two characters or more with "\/" allowed, "/", flags. */
static size_t take_pattern(struct str rest, struct token *token)
{
	size_t i = 1;

	if (rest.p[0] != '/')
		return 0;
	while (i < rest.n && rest.p[i] != '/')
		i += rest.p[i] == '\\' ? 2 : 1;
	if (i >= rest.n || i < 3)
		return 0;
	i++;
	while (i < rest.n && strchr("ismU", rest.p[i]))
		i++;
	token->kind = TOKEN_PATTERN;
	token->text = str_upto(rest, i);
	return i;
}

static size_t take_token(struct str rest, struct token *token)
{
	size_t (*const takers[])(struct str, struct token *) = { take_variable, take_text,
								 take_pattern, take_word,
								 take_symbol };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(takers) && n == 0; i++)
		n = takers[i](rest, token);
	return n;
}

static int tokenize(struct evaluator *v, struct str text, struct err *e)
{
	for (size_t i = 0; i < text.n;) {
		struct token token = { .at = i };
		size_t n;

		if (strchr(" \t\r\n", text.p[i])) {
			i++;
			continue;
		}
		if (v->count == CI_EXPRESSION_TOKENS)
			return err_set(e, ERR_UNPROCESSABLE,
				       "invalid expression syntax: more than %d tokens",
				       CI_EXPRESSION_TOKENS);
		n = take_token(str_from(text, i), &token);
		if (n == 0)
			return syntax_error(i, "unexpected text", e);
		v->tokens[v->count++] = token;
		i += n;
	}
	v->tokens[v->count] = (struct token){ .kind = TOKEN_END, .at = text.n };
	return 0;
}

static const struct token *peek(const struct evaluator *v)
{
	return &v->tokens[v->next];
}

static int evaluate_or(struct evaluator *v, struct value *value, struct err *e);

static struct value null_value(void)
{
	return (struct value){ .kind = VALUE_NULL };
}

static struct value bool_value(bool b)
{
	return (struct value){ .kind = VALUE_BOOL, .boolean = b };
}

static struct value variable_value(const struct evaluator *v, struct str name)
{
	const struct ci_variable *variable =
		v->variables ? ci_variables_find(v->variables, name) : NULL;

	if (variable == NULL)
		return null_value();
	return (struct value){ .kind = VALUE_TEXT, .text = variable->value };
}

static int evaluate_operand(struct evaluator *v, struct value *value, struct err *e)
{
	const struct token *token = peek(v);

	v->next++;
	switch (token->kind) {
	case TOKEN_VARIABLE:
		*value = variable_value(v, token->text);
		return 0;
	case TOKEN_TEXT:
		*value = (struct value){ .kind = VALUE_TEXT, .text = token->text };
		return 0;
	case TOKEN_PATTERN:
		*value = (struct value){ .kind = VALUE_PATTERN, .text = token->text };
		return 0;
	case TOKEN_NULL:
		*value = null_value();
		return 0;
	case TOKEN_TRUE:
	case TOKEN_FALSE:
		*value = bool_value(token->kind == TOKEN_TRUE);
		return 0;
	case TOKEN_OPEN:
		if (evaluate_or(v, value, e) < 0)
			return -(int)e->code;
		if (peek(v)->kind != TOKEN_CLOSE)
			return syntax_error(peek(v)->at, "a ) is missing", e);
		v->next++;
		return 0;
	default:
		v->next--;
		return syntax_error(token->at, "a value is missing", e);
	}
}

/* What && and || ask of their left side, as in Ruby: empty text is something, too. */
static bool is_something(struct value value)
{
	return value.kind == VALUE_BOOL ? value.boolean : value.kind != VALUE_NULL;
}

/* What is asked of the whole: text must not be blank. */
static bool is_true_value(struct value value)
{
	if (value.kind == VALUE_BOOL)
		return value.boolean;
	return value.kind != VALUE_NULL && str_trim(value.text).n > 0;
}

static bool is_equal(struct value a, struct value b)
{
	if (a.kind == VALUE_BOOL || b.kind == VALUE_BOOL)
		return a.kind == b.kind && a.boolean == b.boolean;
	if (a.kind == VALUE_NULL || b.kind == VALUE_NULL)
		return a.kind == b.kind;
	return str_eq(a.text, b.text);
}

/* The right side: a pattern, or text that has a pattern's form; other text is searched for as is.
 */
static int match(struct evaluator *v, struct value left, struct value right, bool *matches,
		 struct err *e)
{
	struct ci_pattern *pattern;
	struct str body;
	struct str flags;

	*matches = false;
	if (right.kind == VALUE_NULL || right.kind == VALUE_BOOL)
		return 0;
	if (left.kind != VALUE_TEXT)
		left.text = STR("");
	if (!ci_pattern_split(right.text, &body, &flags)) {
		*matches = str_find_str(left.text, right.text) < left.text.n;
		return 0;
	}
	if (ci_pattern_compile(v->arena, body, flags, &pattern, e) < 0)
		return -(int)e->code;
	return ci_pattern_match(pattern, left.text, matches, e);
}

static int compare(struct evaluator *v, enum token_kind how, struct value *left, struct value right,
		   struct err *e)
{
	bool matches;

	if (how == TOKEN_EQ || how == TOKEN_NE) {
		*left = bool_value(is_equal(*left, right) == (how == TOKEN_EQ));
		return 0;
	}
	if (match(v, *left, right, &matches, e) < 0)
		return -(int)e->code;
	*left = bool_value(matches == (how == TOKEN_MATCH));
	return 0;
}

static bool is_comparison(enum token_kind kind)
{
	return kind == TOKEN_EQ || kind == TOKEN_NE || kind == TOKEN_MATCH ||
	       kind == TOKEN_NO_MATCH;
}

static int evaluate_compare(struct evaluator *v, struct value *value, struct err *e)
{
	if (evaluate_operand(v, value, e) < 0)
		return -(int)e->code;
	while (is_comparison(peek(v)->kind)) {
		enum token_kind how = peek(v)->kind;
		struct value right;

		v->next++;
		if (evaluate_operand(v, &right, e) < 0 || compare(v, how, value, right, e) < 0)
			return -(int)e->code;
	}
	return 0;
}

/* As in Ruby, && and || give one of their operands. */
static int evaluate_and(struct evaluator *v, struct value *value, struct err *e)
{
	if (evaluate_compare(v, value, e) < 0)
		return -(int)e->code;
	while (peek(v)->kind == TOKEN_AND) {
		struct value right;

		v->next++;
		if (evaluate_compare(v, &right, e) < 0)
			return -(int)e->code;
		if (is_something(*value))
			*value = right;
	}
	return 0;
}

static int evaluate_or(struct evaluator *v, struct value *value, struct err *e)
{
	if (evaluate_and(v, value, e) < 0)
		return -(int)e->code;
	while (peek(v)->kind == TOKEN_OR) {
		struct value right;

		v->next++;
		if (evaluate_and(v, &right, e) < 0)
			return -(int)e->code;
		if (!is_something(*value))
			*value = right;
	}
	return 0;
}

static int evaluate(struct arena *a, struct str text, const struct ci_variables *variables,
		    bool *is_true, struct err *e)
{
	struct evaluator *v = ARENA_NEW(a, struct evaluator);
	struct value value;

	v->arena = a;
	v->variables = variables;
	if (tokenize(v, text, e) < 0 || evaluate_or(v, &value, e) < 0)
		return -(int)e->code;
	if (peek(v)->kind != TOKEN_END)
		return syntax_error(peek(v)->at, "an operator is missing", e);
	*is_true = is_true_value(value);
	return 0;
}

int ci_expression_check(struct arena *a, struct str text, struct err *e)
{
	bool ignored;

	return evaluate(a, text, NULL, &ignored, e);
}

int ci_expression_evaluate(struct arena *a, struct str text, const struct ci_variables *variables,
			   bool *is_true, struct err *e)
{
	return evaluate(a, text, variables, is_true, e);
}
