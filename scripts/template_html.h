/*
 * Follows the HTML of a template, byte by byte, and knows at each {{ }} where
 * it stands. Refuses what escaping cannot make safe: unquoted attributes,
 * inline script and style, on*= and style=, srcdoc, relative and unknown URLs.
 * White space that means nothing is dropped on the way.
 */
#ifndef SCRIPTS_TEMPLATE_HTML_H
#define SCRIPTS_TEMPLATE_HTML_H

#include "scripts/template.h"

#define HTML_NAME_MAX 32

enum html_state {
	HTML_TEXT,
	HTML_OPEN,       /* behind < */
	HTML_MARK,       /* <! up to -- or a letter */
	HTML_COMMENT,    /* <!-- ... --> */
	HTML_DOCTYPE,    /* <!doctype ... > */
	HTML_TAG_NAME,   /* <div */
	HTML_CLOSE_NAME, /* </div */
	HTML_IN_TAG,     /* between attributes, behind white space */
	HTML_ATTR_NAME,
	HTML_ATTR_EQUALS, /* behind = : the quote must follow */
	HTML_ATTR_VALUE,
	HTML_AFTER_VALUE, /* white space, / or > must follow */
};

enum html_url {
	URL_NONE,   /* not a URL attribute */
	URL_START,  /* nothing of it yet */
	URL_SCHEME, /* "htt" */
	URL_PATH,
	URL_QUERY,
};

struct html_name {
	char text[HTML_NAME_MAX];
	size_t n;
};

struct html_walk {
	enum html_state state;
	enum html_url url;
	char quote;
	struct html_name element;
	struct html_name attr;
	struct html_name scheme;
	size_t dashes;       /* of a comment's end */
	bool is_verbatim;    /* in pre or textarea */
	bool is_script;      /* in <script>: nothing may be there */
	char last;           /* last byte written; for white space */
	struct gen_place at; /* of the byte being read */
};

/* Reads markup, appends what goes into the page. */
MUST_USE int html_feed(struct html_walk *h, struct str markup, struct buf *out, struct err *e);

/* A {{ if }}, {{ for }}, {{ else }} or {{ end }} stands here: closes an open name. */
MUST_USE int html_block(struct html_walk *h, struct gen_place at, struct err *e);

/* The place of a value here; error if none may stand here. */
MUST_USE int html_place(const struct html_walk *h, struct gen_place at, enum template_place *place,
			struct err *e);
/* A value was put here. */
void html_after_value(struct html_walk *h);

/* Two ways that meet: *h becomes both, or it is an error at `at`. */
MUST_USE int html_meet(struct html_walk *h, const struct html_walk *other, struct gen_place at,
		       struct err *e);

#endif
