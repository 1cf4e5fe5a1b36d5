/*
 * Rendered markdown by (text, context, MARKDOWN_VERSION): a bounded LRU in
 * memory, one a process, held by struct app. The key is the text itself, so no
 * two texts can ever be taken for each other.
 * Threads: any; one mutex, held for a lookup and a copy.
 */
#ifndef RENDER_MARKDOWN_CACHE_H
#define RENDER_MARKDOWN_CACHE_H

#include "base/arena.h"
#include "render/markdown.h"

struct markdown_cache;

/* Before the process starts threads (see markdown_setup). */
struct markdown_cache *markdown_cache_open(size_t bytes);
void markdown_cache_close(struct markdown_cache *cache);

/* Copies the HTML into the arena. */
MUST_USE bool markdown_cache_find(struct markdown_cache *cache, struct str text,
				  const struct markdown_context *context, struct arena *a,
				  struct str *html);
void markdown_cache_put(struct markdown_cache *cache, struct str text,
			const struct markdown_context *context, struct str html);

#endif
