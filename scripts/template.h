/*
 * Templates as a tree, for tmplgen (which writes C) and pogen (which takes the
 * messages). The language is closed and written down in web/README.md:
 *
 *	{{ view struct view_x "pages/x.h" }}   first; or {{ view none }}
 *	{{ v.title }}  {{ v.head->name }}      a value, escaped by place
 *	{{ if v.a }} {{ elif not v.b }} {{ elif v.c == "x" }} {{ else }} {{ end }}
 *	{{ for c in v.comments }} {{ end }}    v.comments_count of them; .items: .count
 *	{{ include layout/head v.head }}
 *	{{ t "msgid" args }}  {{ t "%n file" "%n files" n args }}
 *	{{ url route args }}  {{ asset "app.css" }}  {{ csrf }}  {{ time v.at }}  {{# comment }}
 *
 * The parser follows the HTML around the words (template_html.h), so every
 * value knows its place, and refuses what cannot be escaped safely.
 * Errors are "file:line:column: sentence". Everything lives in the arena.
 */
#ifndef SCRIPTS_TEMPLATE_H
#define SCRIPTS_TEMPLATE_H

#include "scripts/gen.h"

#define TEMPLATE_DEPTH_MAX 32
#define TEMPLATE_ARGS_MAX 9

enum template_place {
	PLACE_TEXT,
	PLACE_ATTR,
	PLACE_URL,   /* a URL attribute's beginning: the whole URL or its front */
	PLACE_PATH,  /* inside a URL, before any ? or # */
	PLACE_QUERY, /* inside a URL, behind ? or # */
};

enum template_value_kind {
	VALUE_PATH,     /* v.title */
	VALUE_STRING,   /* "open" */
	VALUE_NUMBER,   /* 40 */
	VALUE_CONSTANT, /* ACCESS_OWNER */
};

struct template_value {
	enum template_value_kind kind;
	struct str text; /* a string without its quotes, escapes undone */
	struct gen_place at;
};

enum template_kind {
	NODE_MARKUP,
	NODE_VALUE,
	NODE_IF,
	NODE_FOR,
	NODE_INCLUDE,
	NODE_MESSAGE,
	NODE_URL,
	NODE_ASSET,
	NODE_CSRF,
	NODE_TIME,
};

enum template_test {
	TEST_TRUE,
	TEST_NOT,
	TEST_EQUAL,
	TEST_DIFFERENT,
};

struct template_node {
	struct template_node *next;
	enum template_kind kind;
	enum template_place place;
	struct gen_place at;
	struct str name; /* markup's text; for's variable; include's template; url's route; msgid */
	struct str other; /* English plural; none without */
	enum template_test test;
	struct template_value args[TEMPLATE_ARGS_MAX]; /* if: one or two; for: the array */
	size_t args_count;
	struct template_node *body;
	struct template_node *orelse; /* of an if; elif is an if in here */
};

struct template
{
	const char *file;
	struct str view;   /* "struct view_x"; none for {{ view none }} */
	struct str header; /* "pages/x.h" */
	struct template_node *first;
};

MUST_USE int template_parse(struct arena *a, const char *file, struct str text,
			    struct template *template, struct err *e);

#endif
