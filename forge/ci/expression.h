/*
 * The language of `rules:if`: $VARIABLE, "text", 'text', /pattern/flags, null,
 * true, false, == != =~ !~ && || ( ). At most CI_EXPRESSION_TOKENS tokens.
 * Source: GitLab's docs "Job rules" and its lexer's order of tokens.
 *
 * A syntax error names the character where it stands.
 */
#ifndef CI_EXPRESSION_H
#define CI_EXPRESSION_H

#include "base/err.h"
#include "ci/variables.h"

#define CI_EXPRESSION_TOKENS 100

/* Syntax alone; for the lint of rules that no evaluation reaches. */
MUST_USE int ci_expression_check(struct arena *a, struct str text, struct err *e);

/* ERR_UNPROCESSABLE for bad syntax, bad patterns, patterns that run too long. */
MUST_USE int ci_expression_evaluate(struct arena *a, struct str text,
				    const struct ci_variables *variables, bool *is_true,
				    struct err *e);

#endif
