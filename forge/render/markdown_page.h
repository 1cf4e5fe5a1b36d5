/*
 * Markdown as pages show it: from the cache, else through the git zygote's
 * sandboxed operation, else, when that is busy or took too long, as plain text.
 * Threads: any.
 */
#ifndef RENDER_MARKDOWN_PAGE_H
#define RENDER_MARKDOWN_PAGE_H

#include "render/markdown_cache.h"

struct markdown_door {
	struct markdown_cache *cache; /* app->markdown */
	const char *run;              /* app->run; NULL: our own text, rendered in this process */
	int64_t user_id;              /* whose share of operations it costs; 0 = nobody's */
	const char *request_id;
};

/*
 * Succeeds for every text. *html lives in the arena. Errors only when even the
 * plain text is too large (MARKDOWN_OUTPUT_MAX).
 */
MUST_USE int markdown_show(const struct markdown_door *door, struct str text,
			   const struct markdown_context *context, struct arena *a,
			   struct html *html, struct err *e);

#endif
