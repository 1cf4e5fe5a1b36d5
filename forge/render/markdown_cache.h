/*
 * Rendered markdown by the hash of (text, context, MARKDOWN_VERSION): a
 * bounded LRU in memory, one a process, held by struct app.
 * Threads: any; one mutex, held for a copy.
 */
#ifndef RENDER_MARKDOWN_CACHE_H
#define RENDER_MARKDOWN_CACHE_H

#include "base/arena.h"
#include "render/markdown.h"

struct markdown_cache;

struct markdown_key {
	unsigned char hash[32];
};

struct markdown_cache *markdown_cache_open(size_t bytes);
void markdown_cache_close(struct markdown_cache *cache);

struct markdown_key markdown_cache_key(struct str text, const struct markdown_context *context);
/* Copies the HTML into the arena. */
MUST_USE bool markdown_cache_find(struct markdown_cache *cache, const struct markdown_key *key,
				  struct arena *a, struct str *html);
void markdown_cache_put(struct markdown_cache *cache, const struct markdown_key *key,
			struct str html);

#endif
