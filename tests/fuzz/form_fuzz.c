/*
 * Any bytes as a form, a path's part, credentials and a date, as strangers send them. Asserted:
 * what was decoded is encoded back to the same; nothing decoded has a zero byte; a date that is
 * read is written and read again as the same moment.
 */
#include "base/arena.h"
#include "base/base64.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/url.h"

#include <stdint.h>

/* A second trip gives the same as the first. */
static void check_path(struct str text, struct arena *a)
{
	struct str decoded, again;
	struct buf out;
	bool is_good;

	if (!url_decode(a, text, &decoded))
		return;
	ASSERT(decoded.n <= text.n && !str_has(decoded, '\0'));
	buf_init(&out, 3 * text.n + 1);
	url_encode(&out, decoded);
	is_good = url_decode(a, buf_str(&out), &again);
	ASSERT(is_good && !out.full && str_eq(decoded, again));
	buf_fini(&out);
}

static void check_form(struct str text, struct arena *a)
{
	struct url_pairs pairs;
	struct err e = { 0 };

	if (url_pairs_parse(a, text, &pairs, &e) < 0) {
		ASSERT(e.code != ERR_INTERNAL && e.text[0] != '\0');
		return;
	}
	for (size_t i = 0; i < pairs.count; i++) {
		const struct url_pair *pair = &pairs.items[i];

		ASSERT(!str_has(pair->name, '\0') && !str_has(pair->value, '\0'));
		ASSERT(pair->name.n + pair->value.n <= text.n);
	}
}

static void check_base64(struct str text, struct arena *a)
{
	struct str bytes, again;
	struct buf out;
	bool is_good;

	buf_init(&out, 2 * text.n + 8);
	base64_encode(&out, text);
	is_good = base64_decode(a, buf_str(&out), &again);
	ASSERT(is_good && !out.full && str_eq(text, again));
	if (base64_decode(a, text, &bytes))
		ASSERT(bytes.n <= text.n);
	buf_fini(&out);
}

static void check_date(struct str text)
{
	char written[INSTANT_TEXT_MAX];
	struct instant t, again;

	if (!instant_parse(text, &t))
		return;
	instant_format(t, written);
	ASSERT(instant_parse(str_c(written), &again));
	ASSERT(again.us / 1000 == t.us / 1000 || again.us / 1000 == t.us / 1000 - 1);
	instant_format_http(t, written);
	ASSERT(strlen(written) < INSTANT_TEXT_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str text = arena_str(a, str_n((const char *)data, size));

	check_path(text, a);
	check_form(text, a);
	check_base64(text, a);
	check_date(text);
	arena_close(a);
	return 0;
}
