/*
 * The only text that goes into a page as it is. A struct html is made by
 * html_trusted alone, and only render/markdown*.c may call that (`make lint`
 * looks): it wraps what our own renderer wrote, never what came from outside.
 */
#ifndef RENDER_HTML_H
#define RENDER_HTML_H

#include "base/str.h"

struct html {
	struct str text;
};

static inline struct html html_trusted(struct str text)
{
	return (struct html){ text };
}

#endif
