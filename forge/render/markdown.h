/*
 * Markdown of strangers to HTML (cmark-gfm behind this door).
 *
 * markdown_render is a pure function over bytes: no files, no network, no
 * state. The git zygote runs it as operation `render` under a sandbox and a
 * time limit; the front keeps the bytes in a markdown_cache and wraps them
 * with markdown_html, the one place that makes a struct html.
 *
 * Guards (measured, see forge/render/README.md): size caps and a pre-scan for
 * the inputs on which cmark-gfm is quadratic; what they refuse is shown as
 * plain text with a note, never an error. Raw HTML passes an allow-list of
 * harmless tags and attributes; everything else of it is shown as text. Links
 * are http, https, mailto, or relative; relative ones become the repository's.
 */
#ifndef RENDER_MARKDOWN_H
#define RENDER_MARKDOWN_H

#include "base/buf.h"
#include "render/html.h"

#define MARKDOWN_FILE_MAX (512u << 10)
#define MARKDOWN_COMMENT_MAX (64u << 10)
#define MARKDOWN_OUTPUT_MAX (4u << 20)
/* Part of every cache key: a changed renderer forgets its old answers. */
#define MARKDOWN_VERSION 1

/* All strings borrowed. */
struct markdown_context {
	struct str
		file_base; /* "/g/p/-/blob/main": in front of relative links; "" = leave them out */
	struct str image_base; /* "/g/p/-/raw/main": in front of relative images */
	struct str folder;     /* of the document inside the repository: "docs/guide", "" = root */
	size_t limit;          /* of the input: MARKDOWN_FILE_MAX or MARKDOWN_COMMENT_MAX */
	bool hard_breaks;      /* comments: a line end is a line break */
};

/* Appends HTML to out. ERR_TOO_LARGE only if out's ceiling is below what plain text needs. */
MUST_USE int markdown_render(struct str text, const struct markdown_context *context,
			     struct buf *out, struct err *e);

/*
 * Registers cmark's extensions, which is not thread-safe the first time: a
 * process whose threads render calls it before they start (markdown_cache_open
 * does).
 */
void markdown_setup(void);

/* What markdown_render or markdown_plain wrote, as what templates may show raw. */
static inline struct html markdown_html(struct str rendered)
{
	return html_trusted(rendered);
}

/* Any text as <pre>, escaped: what is no markdown, and what the guards refuse. */
MUST_USE int markdown_plain(struct str text, struct buf *out, struct err *e);

/* Is this file name rendered as markdown (.md, .markdown, .mkd, .mdown)? */
bool markdown_is_name(struct str name);
/* Is this the folder's README? Lower is better (README.md 1, README 2, ...), 0 = no. */
int markdown_readme_rank(struct str name);

#endif
