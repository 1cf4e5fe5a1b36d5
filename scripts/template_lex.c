#include "scripts/template_lex.h"

void template_lex(struct template_lexer *lexer, struct arena *a, const char *file, struct str text)
{
	*lexer = (struct template_lexer){
		.arena = a,
		.text = text,
		.at = { .file = file, .line = 1, .column = 1 },
	};
}

static void step(struct template_lexer *l, size_t n)
{
	for (; n > 0 && l->i < l->text.n; n--) {
		l->at.column++;
		if (l->text.p[l->i] == '\n') {
			l->at.line++;
			l->at.column = 1;
		}
		l->i++;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_block_word(struct str inside)
{
	static const char *const words[] = {
		"view", "if", "elif", "else", "end", "for", "include"
	};
	size_t n = 0;

	inside = str_trim(inside);
	if (str_starts(inside, STR("#")))
		return true;
	while (n < inside.n && inside.p[n] >= 'a' && inside.p[n] <= 'z')
		n++;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (str_eq_c(str_upto(inside, n), words[i]))
			return true;
	}
	return false;
}

/* The }} that closes the {{ at `open`, or text.n. Strings may hold }}. */
static size_t find_close(struct str text, size_t open)
{
	bool in_string = false;
	bool is_comment = open + 2 < text.n && text.p[open + 2] == '#';

	for (size_t i = open + 2; i + 1 < text.n; i++) {
		if (text.p[i] == '\\' && in_string)
			i++;
		else if (text.p[i] == '"' && !is_comment)
			in_string = !in_string;
		else if (!in_string && text.p[i] == '}' && text.p[i + 1] == '}')
			return i;
	}
	return text.n;
}

/* If the word at `open` stands alone in its line: where that line's blanks begin, and its end. */
static bool is_alone(struct str text, size_t open, size_t *begin, size_t *end)
{
	size_t close = find_close(text, open);
	size_t i = open;

	if (close == text.n || !is_block_word(str_n(text.p + open + 2, close - open - 2)))
		return false;
	while (i > 0 && is_blank(text.p[i - 1]))
		i--;
	if (i > 0 && text.p[i - 1] != '\n')
		return false;
	*begin = i;
	for (i = close + 2; i < text.n && is_blank(text.p[i]);)
		i++;
	if (i < text.n && text.p[i] != '\n')
		return false;
	*end = i < text.n ? i + 1 : i;
	return true;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c == '/';
}

static int lex_string(struct template_lexer *l, struct template_word *word, struct err *e)
{
	struct buf text;

	buf_init(&text, GEN_FILE_MAX);
	step(l, 1);
	while (l->i < l->text.n && l->text.p[l->i] != '"' && l->text.p[l->i] != '\n') {
		if (l->text.p[l->i] == '\\' && l->i + 1 < l->text.n)
			step(l, 1);
		buf_add_char(&text, l->text.p[l->i]);
		step(l, 1);
	}
	word->kind = WORD_STRING;
	word->text = arena_str(l->arena, buf_str(&text));
	buf_fini(&text);
	if (l->i == l->text.n || l->text.p[l->i] != '"')
		return gen_fail(e, word->at, "a string ends on its line with a quote");
	step(l, 1);
	return 0;
}

/* v.title, v.head->name, layout/head, 40, ACCESS_OWNER */
static int lex_name(struct template_lexer *l, struct template_word *word, struct err *e)
{
	size_t from = l->i;
	bool has_lower = false;
	int64_t number;

	while (l->i < l->text.n && (is_name_byte(l->text.p[l->i]) || l->text.p[l->i] == '-')) {
		if (l->text.p[l->i] == '-' && l->i > from) {
			if (!str_starts(str_from(l->text, l->i), STR("->")))
				break;
			step(l, 1);
		}
		if (l->text.p[l->i] >= 'a' && l->text.p[l->i] <= 'z')
			has_lower = true;
		step(l, 1);
	}
	word->text = str_n(l->text.p + from, l->i - from);
	if (word->text.n == 0)
		return gen_fail(e, word->at, "this byte has no meaning here");
	if (str_to_i64(word->text, &number))
		word->kind = WORD_NUMBER;
	else if (!has_lower && word->text.p[0] >= 'A' && word->text.p[0] <= 'Z')
		word->kind = WORD_CONSTANT;
	else
		word->kind = WORD_NAME;
	return 0;
}

static int lex_word(struct template_lexer *l, struct template_word *word, struct err *e)
{
	struct str rest = str_from(l->text, l->i);

	*word = (struct template_word){ .at = l->at };
	if (rest.p[0] == '"')
		return lex_string(l, word, e);
	if (str_starts(rest, STR("==")) || str_starts(rest, STR("!="))) {
		word->kind = WORD_SIGN;
		word->text = str_upto(rest, 2);
		step(l, 2);
		return 0;
	}
	return lex_name(l, word, e);
}

static int lex_words(struct template_lexer *l, struct template_token *token, struct err *e)
{
	size_t close = find_close(l->text, l->i);

	token->kind = TOKEN_WORDS;
	token->at = l->at;
	if (close == l->text.n)
		return gen_fail(e, l->at, "{{ has no }}");
	step(l, 2);
	while (l->i < close) {
		char c = l->text.p[l->i];
		int result;

		if (is_blank(c) || c == '\n') {
			step(l, 1);
			continue;
		}
		if (token->words_count == TEMPLATE_WORDS_MAX)
			return gen_fail(e, l->at, "more than %d words", TEMPLATE_WORDS_MAX);
		result = lex_word(l, &token->words[token->words_count], e);
		if (result != 0)
			return result;
		token->words_count++;
	}
	if (l->i != close)
		return gen_fail(e, token->at, "{{ has no }}");
	step(l, 2);
	if (token->words_count == 0)
		return gen_fail(e, token->at, "{{ }} is empty");
	return 0;
}

/* Markup up to the next {{, or up to the line in which it stands alone. */
static void lex_markup(struct template_lexer *l, struct template_token *token)
{
	size_t open = l->i + str_find_str(str_from(l->text, l->i), STR("{{"));
	size_t begin;
	size_t end;

	token->kind = TOKEN_MARKUP;
	token->at = l->at;
	if (open < l->text.n && is_alone(l->text, open, &begin, &end) && begin > l->i)
		token->text = str_n(l->text.p + l->i, begin - l->i);
	else
		token->text = str_n(l->text.p + l->i, open - l->i);
	step(l, open - l->i);
}

static bool at_open(const struct template_lexer *l)
{
	return str_starts(str_from(l->text, l->i), STR("{{"));
}

/* Skips the line's end behind a word that stood alone. */
static void step_over_end(struct template_lexer *l, size_t end)
{
	if (end > l->i)
		step(l, end - l->i);
}

int template_next(struct template_lexer *l, struct template_token *token, struct err *e)
{
	for (;;) {
		size_t begin = 0;
		size_t end = 0;
		bool alone;
		int result = 0;

		*token = (struct template_token){ .kind = TOKEN_END, .at = l->at };
		if (l->i == l->text.n)
			return 0;
		if (!at_open(l)) {
			lex_markup(l, token);
			if (token->text.n > 0)
				return 0;
			continue;
		}
		alone = is_alone(l->text, l->i, &begin, &end);
		if (str_starts(str_from(l->text, l->i), STR("{{#"))) {
			size_t close = find_close(l->text, l->i);

			if (close == l->text.n)
				return gen_fail(e, l->at, "{{ has no }}");
			step(l, close + 2 - l->i);
		} else {
			result = lex_words(l, token, e);
		}
		if (alone && result == 0)
			step_over_end(l, end);
		if (result != 0 || token->kind == TOKEN_WORDS)
			return result;
	}
}
