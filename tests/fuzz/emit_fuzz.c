/*
 * The escapers on any bytes. Asserted: what comes out is UTF-8 text without a
 * byte that could end the place it stands in, and a URL's scheme is one of ours.
 */
#include "render/emit.h"

#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_no_byte(struct str s, const char *bytes)
{
	ASSERT(str_is_utf8_text(s));
	for (; *bytes != '\0'; bytes++)
		ASSERT(!str_has(s, *bytes));
}

static void check_scheme(struct str url)
{
	size_t colon = str_find(url, ':');
	struct str front = str_upto(url, colon);

	if (colon == url.n || str_has(front, '/') || str_has(front, '?') || str_has(front, '#'))
		return;
	ASSERT(str_eq_nocase(front, STR("http")) || str_eq_nocase(front, STR("https")) ||
	       str_eq_nocase(front, STR("mailto")) || str_eq_nocase(front, STR("ssh")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str value = str_n((const char *)data, size);
	struct buf out;
	struct emit emit = { .out = &out, .language = language_at(0) };

	buf_init(&out, 16 * size + 64);
	emit_text_str(&emit, value);
	check_no_byte(buf_str(&out), "<>\"'");
	buf_clear(&out);
	emit_url_str(&emit, value);
	check_no_byte(buf_str(&out), "<>\"' \n\r\t\\");
	check_scheme(buf_str(&out));
	buf_clear(&out);
	emit_path_str(&emit, value);
	check_no_byte(buf_str(&out), "<>\"' \n\r\t\\?#&:");
	buf_clear(&out);
	emit_query_str(&emit, value);
	check_no_byte(buf_str(&out), "<>\"' \n\r\t\\?#&:/=");
	ASSERT(!out.full);
	buf_fini(&out);
	return 0;
}
