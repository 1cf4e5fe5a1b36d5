/* Private to template.c (blocks), template_word.c (single words) and template_value.c. */
#ifndef SCRIPTS_TEMPLATE_PARSER_H
#define SCRIPTS_TEMPLATE_PARSER_H

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

/* The token is {{ word ... }}. */
bool parser_at(const struct parser *p, const char *word);
struct template_node *parser_node(struct parser *p, enum template_kind kind);
/* The token has least..most words; form is what it should look like. */
MUST_USE int parser_expect(const struct parser *p, size_t least, size_t most, const char *form,
			   struct err *e);

/* Values (template_value.c) */
bool parser_is_reserved(struct str name);
bool parser_in_scope(const struct parser *p, struct str name);
struct str parser_first_of_path(struct str path);
MUST_USE int parser_add_value(struct parser *p, struct template_node *node,
			      const struct template_word *word, struct err *e);
/* The token's words from `from` on. */
MUST_USE int parser_add_values(struct parser *p, struct template_node *node, size_t from,
			       struct err *e);

/* Words without a body (template_word.c); the token is theirs. */
MUST_USE int parser_include(struct parser *p, struct template_node **made, struct err *e);
MUST_USE int parser_message(struct parser *p, struct template_node **made, struct err *e);
MUST_USE int parser_url(struct parser *p, struct template_node **made, struct err *e);
MUST_USE int parser_asset(struct parser *p, struct template_node **made, struct err *e);
MUST_USE int parser_simple(struct parser *p, struct template_node **made, struct err *e);

#endif
