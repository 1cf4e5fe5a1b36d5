/*
 * "#3" and "!4" in what people write become links to the project's task and merge
 * request, in Markdown, before it is rendered. Left alone: code (spans, fences,
 * indented lines), what stands in a link already, "&#39;", "a#3", "\#3".
 * Pure. Threads: any.
 */
#ifndef RENDER_REFERENCE_H
#define RENDER_REFERENCE_H

#include "base/arena.h"

/*
 * project_url: "https://host/group/name". A result longer than `limit` is not
 * made: the text comes back as it is. In the arena, or the text itself.
 */
struct str reference_links(struct str text, struct str project_url, size_t limit, struct arena *a);

#endif
