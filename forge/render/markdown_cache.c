#include "render/markdown_cache.h"

#include "base/lru.h"
#include "base/mem.h"

#define KEY_MAX (MARKDOWN_FILE_MAX + 65536u)

struct markdown_cache {
	struct lru *lru;
};

struct markdown_cache *markdown_cache_open(size_t bytes)
{
	struct markdown_cache *cache = MEM_NEW(struct markdown_cache);

	markdown_setup();
	cache->lru = lru_open(bytes);
	return cache;
}

void markdown_cache_close(struct markdown_cache *cache)
{
	if (cache == NULL)
		return;
	lru_close(cache->lru);
	mem_free(cache);
}

/* Lengths first, so that parts cannot run into each other. */
static void make_key(struct buf *key, struct str text, const struct markdown_context *context)
{
	size_t head[] = { MARKDOWN_VERSION,     context->limit,        context->hard_breaks,
			  context->file_base.n, context->image_base.n, context->folder.n };

	buf_init(key, KEY_MAX);
	buf_add_bytes(key, head, sizeof(head));
	buf_add(key, context->file_base);
	buf_add(key, context->image_base);
	buf_add(key, context->folder);
	buf_add(key, text);
}

bool markdown_cache_find(struct markdown_cache *cache, struct str text,
			 const struct markdown_context *context, struct arena *a, struct str *html)
{
	struct buf key;
	bool found;

	make_key(&key, text, context);
	found = !key.full && lru_find(cache->lru, buf_str(&key), a, html);
	buf_fini(&key);
	return found;
}

void markdown_cache_put(struct markdown_cache *cache, struct str text,
			const struct markdown_context *context, struct str html)
{
	struct buf key;

	make_key(&key, text, context);
	if (!key.full)
		lru_put(cache->lru, buf_str(&key), html);
	buf_fini(&key);
}
