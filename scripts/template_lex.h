/*
 * A template as tokens: stretches of markup, and the words between {{ and }}.
 * A line that holds nothing but one block word ({{ if }}, {{ end }}, a comment,
 * ...) vanishes whole, with its line end.
 */
#ifndef SCRIPTS_TEMPLATE_LEX_H
#define SCRIPTS_TEMPLATE_LEX_H

#include "scripts/gen.h"

#define TEMPLATE_WORDS_MAX 16

enum word_kind {
	WORD_NAME,     /* v.title, if, layout/head */
	WORD_CONSTANT, /* ACCESS_OWNER */
	WORD_STRING,   /* "text" with \" and \\ undone */
	WORD_NUMBER,
	WORD_SIGN, /* == != */
};

struct template_word {
	enum word_kind kind;
	struct str text;
	struct gen_place at;
};

enum token_kind {
	TOKEN_MARKUP,
	TOKEN_WORDS,
	TOKEN_END,
};

struct template_token {
	enum token_kind kind;
	struct gen_place at;
	struct str text; /* of markup */
	struct template_word words[TEMPLATE_WORDS_MAX];
	size_t words_count;
};

struct template_lexer {
	struct arena *arena;
	struct str text;
	size_t i;
	struct gen_place at; /* of text.p[i] */
};

void template_lex(struct template_lexer *lexer, struct arena *a, const char *file, struct str text);
MUST_USE int template_next(struct template_lexer *lexer, struct template_token *token,
			   struct err *e);

#endif
