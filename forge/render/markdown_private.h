/*
 * The parts of the markdown renderer, in the order a text passes them:
 * markdown_scan (may cmark see it?), cmark, markdown_write (tree to HTML) with
 * markdown_tags (raw HTML of strangers) and markdown_url (where links lead).
 */
#ifndef RENDER_MARKDOWN_PRIVATE_H
#define RENDER_MARKDOWN_PRIVATE_H

#include "base/arena.h"
#include "render/markdown.h"

/* False: an input on which cmark-gfm may take quadratic time or space. */
MUST_USE bool markdown_scan(struct str text);

/*
 * &, <, >, " and ' as entities; bytes below space but tab and line end are left
 * out, bytes that are no UTF-8 become U+FFFD.
 */
void markdown_escape(struct buf *out, struct str text);

/*
 * The address a link or image may have, ready for a quoted attribute; false:
 * none (a scheme that is not allowed, a relative one without a base). Appends
 * nothing then. is_external: it leaves for another host.
 */
MUST_USE bool markdown_url(struct str url, const struct markdown_context *context, bool is_image,
			   struct buf *out, bool *is_external);

/* The tags of raw HTML that are open, with the places where they must be closed. */
#define OPEN_TAGS_MAX 256
struct open_tags {
	unsigned char tags[OPEN_TAGS_MAX];
	size_t count;
	size_t *scopes; /* count at each scope's start */
	size_t scopes_count;
	size_t scopes_room;
};
void open_tags_fini(struct open_tags *open);
/* A node of the document begins: what is opened inside it is closed at its end. */
void open_tags_enter(struct open_tags *open);
void open_tags_leave(struct open_tags *open, struct buf *out);
/* Closes what is open in the innermost part, which goes on. */
void open_tags_close(struct open_tags *open, struct buf *out);

/* Raw HTML through the allow-list. */
void markdown_tags(struct str html, const struct markdown_context *context, struct open_tags *open,
		   struct buf *out);

/* The document as HTML. A full out (buf_check) means: too large, show plain text. */
struct cmark_node;
void markdown_write(struct cmark_node *document, const struct markdown_context *context,
		    struct buf *out);

#endif
