/*
 * A badge of any words. Asserted: the picture has the tags of its template and
 * no other, no attribute is left by a value, and its numbers are not negative.
 */
#include "render/badge.h"

#include "tmpl/badge_show.h"

static size_t count(struct str text, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == c;
	return n;
}

/* The same picture of plain words: what the template itself has of a byte. */
static void render(const struct badge *badge, struct buf *out)
{
	struct emit emit = { .out = out, .language = language_at(0) };
	const struct view_badge v = badge_view(badge);

	ASSERT(v.width >= 0 && v.key_width >= 0 && v.value_width >= 0 && v.key_length >= 0 &&
	       v.value_length >= 0);
	buf_clear(out);
	tmpl_badge_show(&emit, &v);
	ASSERT(!out->full);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n((const char *)data, size);
	struct str key = str_upto(text, str_find(text, '\0'));
	struct badge badge = { .key = str_upto(key, BADGE_KEY_MAX),
			       .value = str_from(text, key.n),
			       .colour = "#9f9f9f",
			       .key_width = size > 0 ? data[0] : 0,
			       .is_square = size % 2 == 0 };
	struct badge plain = badge;
	struct buf drawn, expected;

	plain.key = STR("k");
	plain.value = STR("v");
	buf_init(&drawn, 64 * size + 16384);
	buf_init(&expected, 16384);
	render(&badge, &drawn);
	render(&plain, &expected);
	ASSERT(str_is_utf8_text(buf_str(&drawn)));
	ASSERT(count(buf_str(&drawn), '<') == count(buf_str(&expected), '<'));
	ASSERT(count(buf_str(&drawn), '>') == count(buf_str(&expected), '>'));
	ASSERT(count(buf_str(&drawn), '"') == count(buf_str(&expected), '"'));
	buf_fini(&drawn);
	buf_fini(&expected);
	return 0;
}
