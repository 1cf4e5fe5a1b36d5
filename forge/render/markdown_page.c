#include "render/markdown_page.h"

#include "git/operation.h"

/* Escaping makes at most six bytes of one. */
#define SHOWN_MAX ((size_t)6 * MARKDOWN_OUTPUT_MAX)

static int render(const struct markdown_door *door, struct str text,
		  const struct markdown_context *context, struct buf *out, struct err *e)
{
	struct git_render_request request = {
		.user_id = door->user_id,
		.request_id = door->request_id,
		.file_base = context->file_base,
		.image_base = context->image_base,
		.folder = context->folder,
		.is_comment = context->hard_breaks,
	};

	if (door->run == NULL)
		return markdown_render(text, context, out, e);
	return git_render(door->run, &request, text, out, e);
}

int markdown_show(const struct markdown_door *door, struct str text,
		  const struct markdown_context *context, struct arena *a, struct html *html,
		  struct err *e)
{
	struct err why = { 0 };
	struct str found;
	struct buf out;
	int result = 0;

	if (markdown_cache_find(door->cache, text, context, a, &found)) {
		*html = markdown_html(found);
		return 0;
	}
	buf_init(&out, SHOWN_MAX);
	if (text.n <= context->limit && render(door, text, context, &out, &why) == 0) {
		markdown_cache_put(door->cache, text, context, buf_str(&out));
	} else {
		buf_clear(&out);
		result = markdown_plain(str_upto(text, MARKDOWN_OUTPUT_MAX), &out, e);
	}
	if (result == 0)
		*html = markdown_html(arena_str(a, buf_str(&out)));
	buf_fini(&out);
	return result;
}
