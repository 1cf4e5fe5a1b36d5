/*
 * The text of one line of a terminal: ECMA-48 colours and styles become classes,
 * everything else that a terminal would act on is dropped. The bytes come from
 * strangers; nothing here is HTML, the template escapes the texts.
 *
 * A style goes on until it is changed, over the ends of lines too, so whoever
 * renders a log in pieces keeps it.
 *
 * Ownership: texts are borrowed from the line, the rest is the arena's.
 * Threads: pure functions.
 */
#ifndef RENDER_ANSI_H
#define RENDER_ANSI_H

#include "base/arena.h"
#include "base/str.h"

/* Colours: 0 the page's own, else 1..16 (black .. white, then the bright ones). */
struct ansi_style {
	unsigned char ink, ground;
	bool is_bold, is_faint, is_italic, is_underlined, is_struck;
};

struct ansi_span {
	struct str text;
	struct str style; /* classes "f2 bo", or "" */
};

struct ansi_spans {
	struct ansi_span *items;
	size_t count;
};

/* Of a line longer than this the rest is left out. */
#define ANSI_LINE_MAX 16384

/* line: without its end. *style goes in as it was before the line, and out as it is after it. */
void ansi_line(struct str line, struct ansi_style *style, struct arena *a,
	       struct ansi_spans *spans);

/* "b3 f12 bo" and back, for keeping a style outside of the process; "" is the plain one. */
struct str ansi_style_text(const struct ansi_style *style, struct arena *a);
MUST_USE bool ansi_style_parse(struct str text, struct ansi_style *style);

#endif
