#include "support/check.h"

#include "render/emit.h"

struct page {
	struct buf out;
	struct emit emit;
};

static struct page *open_page(void)
{
	static const size_t ceiling = 1u << 20;
	struct page *p = test_calloc(1, sizeof(*p));

	buf_init(&p->out, ceiling);
	p->emit = (struct emit){ .out = &p->out, .language = language_find(STR("en")) };
	return p;
}

static void close_page(struct page *p)
{
	buf_fini(&p->out);
	test_free(p);
}

/* What strangers type, and what it must become in each place. */
static const struct {
	const char *value;
	const char *text;
	const char *url;
	const char *path;
	const char *query;
} hostile[] = {
	{ "plain", "plain", "plain", "plain", "plain" },
	{ "", "", "", "", "" },
	{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
	  "%3Cscript%3Ealert(1)%3C/script%3E", "%3Cscript%3Ealert%281%29%3C/script%3E",
	  "%3Cscript%3Ealert%281%29%3C%2Fscript%3E" },
	{ "\" onclick=\"x", "&#34; onclick=&#34;x", "%22%20onclick=%22x", "%22%20onclick%3D%22x",
	  "%22%20onclick%3D%22x" },
	{ "' x='", "&#39; x=&#39;", "%27%20x=%27", "%27%20x%3D%27", "%27%20x%3D%27" },
	{ "a&b=c", "a&amp;b=c", "a&amp;b=c", "a%26b%3Dc", "a%26b%3Dc" },
	{ "&lt;", "&amp;lt;", "&amp;lt;", "%26lt%3B", "%26lt%3B" },
	{ "javascript:alert(1)", "javascript:alert(1)", "#", "javascript%3Aalert%281%29",
	  "javascript%3Aalert%281%29" },
	{ "JaVaScRiPt:x", "JaVaScRiPt:x", "#", "JaVaScRiPt%3Ax", "JaVaScRiPt%3Ax" },
	{ "java\nscript:x", "java\nscript:x", "#", "java%0Ascript%3Ax", "java%0Ascript%3Ax" },
	{ "\x01javascript:x", "\xEF\xBF\xBDjavascript:x", "#", "%01javascript%3Ax",
	  "%01javascript%3Ax" },
	{ " javascript:x", " javascript:x", "#", "%20javascript%3Ax", "%20javascript%3Ax" },
	{ "data:text/html,x", "data:text/html,x", "#", "data%3Atext/html%2Cx",
	  "data%3Atext%2Fhtml%2Cx" },
	{ "vbscript:x", "vbscript:x", "#", "vbscript%3Ax", "vbscript%3Ax" },
	{ "https://a.example/?q=1#x", "https://a.example/?q=1#x", "https://a.example/?q=1#x",
	  "https%3A//a.example/%3Fq%3D1%23x", "https%3A%2F%2Fa.example%2F%3Fq%3D1%23x" },
	{ "mailto:a@b", "mailto:a@b", "mailto:a@b", "mailto%3Aa%40b", "mailto%3Aa%40b" },
	{ "/a:b", "/a:b", "/a:b", "/a%3Ab", "%2Fa%3Ab" },
	{ "?x:y", "?x:y", "?x:y", "%3Fx%3Ay", "%3Fx%3Ay" },
	{ "a\\b", "a\\b", "a%5Cb", "a%5Cb", "a%5Cb" },
	{ "100%", "100%", "100%", "100%25", "100%25" },
	{ "../..", "../..", "../..", "../..", "..%2F.." },
	{ "\xFF\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", "%FF%C0%AF", "%FF%C0%AF",
	  "%FF%C0%AF" },
	{ "caf\xC3\xA9", "caf\xC3\xA9", "caf%C3%A9", "caf%C3%A9", "caf%C3%A9" },
	{ "a\x7F\x1B[0m", "a\xEF\xBF\xBD\xEF\xBF\xBD[0m", "a%7F%1B[0m", "a%7F%1B%5B0m",
	  "a%7F%1B%5B0m" },
	{ "tab\tline\r\n", "tab\tline\r\n", "tab%09line%0D%0A", "tab%09line%0D%0A",
	  "tab%09line%0D%0A" },
};

static void check_place(size_t i, const char *place, void (*emit)(struct emit *, struct str),
			const char *expected)
{
	struct page *p = open_page();

	emit(&p->emit, str_c(hostile[i].value));
	if (!str_eq_c(buf_str(&p->out), expected))
		fail_msg("case %zu in %s: \"%s\" became \"%s\", not \"%s\"", i, place,
			 hostile[i].value, p->out.p, expected);
	close_page(p);
}

static void hostile_values_stay_in_their_place(void **state UNUSED)
{
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		check_place(i, "text", emit_text_str, hostile[i].text);
		check_place(i, "url", emit_url_str, hostile[i].url);
		check_place(i, "path", emit_path_str, hostile[i].path);
		check_place(i, "query", emit_query_str, hostile[i].query);
	}
}

static void a_nul_byte_never_reaches_the_page(void **state UNUSED)
{
	struct page *p = open_page();

	emit_text_str(&p->emit, str_n("a\0b", 3));
	emit_url_str(&p->emit, str_n("a\0b", 3));
	check_str(buf_str(&p->out), "a\xEF\xBF\xBD"
				    "ba%00b");
	close_page(p);
}

static void the_type_picks_the_emitter(void **state UNUSED)
{
	struct page *p = open_page();
	struct html html = html_trusted(STR("<b>"));
	const char *none = NULL;
	size_t size = 7;
	int32_t number = -3;

	EMIT_TEXT(&p->emit, STR("<"));
	EMIT_TEXT(&p->emit, ">");
	EMIT_TEXT(&p->emit, none);
	EMIT_TEXT(&p->emit, html);
	EMIT_TEXT(&p->emit, size);
	EMIT_ATTR(&p->emit, number);
	EMIT_PATH(&p->emit, INT64_MIN);
	EMIT_QUERY(&p->emit, UINT64_MAX);
	check_str(buf_str(&p->out), "&lt;&gt;<b>7-3-922337203685477580818446744073709551615");
	close_page(p);
}

static void truth_is_not_empty_not_zero_not_null(void **state UNUSED)
{
	const char *none = NULL;
	struct page *nobody = NULL;
	struct instant never = { 0 };
	bool no = false;
	int64_t zero = 0;

	check_false(EMIT_TRUE(STR_NONE));
	check_false(EMIT_TRUE(STR("")));
	check_true(EMIT_TRUE(STR("0")));
	check_false(EMIT_TRUE(none));
	check_false(EMIT_TRUE(""));
	check_false(EMIT_TRUE(nobody));
	check_false(EMIT_TRUE(never));
	check_false(EMIT_TRUE(no));
	check_false(EMIT_TRUE(zero));
	check_true(EMIT_TRUE(-1));
	check_true(EMIT_TRUE(&zero));
}

static void values_are_equal_only_within_a_kind(void **state UNUSED)
{
	check_true(emit_equal(EMIT_VALUE("a"), EMIT_VALUE(STR("a"))));
	check_false(emit_equal(EMIT_VALUE("a"), EMIT_VALUE("b")));
	check_true(emit_equal(EMIT_VALUE(40), EMIT_VALUE((size_t)40)));
	check_false(emit_equal(EMIT_VALUE("40"), EMIT_VALUE(40)));
	check_false(emit_equal(EMIT_VALUE(UINT64_MAX), EMIT_VALUE(-1)));
}

static void a_moment_is_a_time_element_in_text_only(void **state UNUSED)
{
	struct page *p = open_page();
	struct instant at = { 1706719675123000 };
	const struct emit_value values[] = { emit_value_instant(at) };

	emit_time(&p->emit, at);
	emit_markup(&p->emit, "|", 1);
	emit_message(&p->emit, &(const struct emit_message){ .one = "at %s", .in_attribute = true },
		     values, 1);
	check_str(buf_str(&p->out), "<time datetime=\"2024-01-31T16:47:55.123Z\">2024-01-31 16:47 "
				    "UTC</time>|at 2024-01-31 16:47 UTC");
	close_page(p);
}

static void messages_take_escaped_values_by_place_and_by_order(void **state UNUSED)
{
	static const struct {
		const char *one;
		const char *other;
		int64_t n;
		const char *expected;
	} cases[] = {
		{ "%s & %s", NULL, 0, "&lt;a&gt; &amp; b" },
		{ "%2$s, %1$s", NULL, 0, "b, &lt;a&gt;" },
		{ "100%% %x %", NULL, 0, "100% %x %" },
		{ "%s %s %s %9$s|", NULL, 0, "&lt;a&gt; b  |" },
		{ "%n file by %s", "%n files by %s", 1, "1 file by &lt;a&gt;" },
		{ "%n file by %s", "%n files by %s", 2, "2 files by &lt;a&gt;" },
		{ "one by %2$s", "%n by %2$s", 1, "one by b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct page *p = open_page();
		const struct emit_value values[] = { emit_value_i64(cases[i].n),
						     emit_value_c("<a>"), emit_value_c("b") };
		bool plural = cases[i].other != NULL;
		struct emit_message message = { .one = cases[i].one, .other = cases[i].other };

		emit_message(&p->emit, &message, plural ? values : values + 1, plural ? 3 : 2);
		if (!str_eq_c(buf_str(&p->out), cases[i].expected))
			fail_msg("case %zu: %s", i, p->out.p);
		close_page(p);
	}
}

static void the_csrf_field_and_base_path_are_escaped(void **state UNUSED)
{
	struct page *p = open_page();

	p->emit.csrf = STR("a\"b");
	p->emit.base_path = STR("/git\"");
	emit_csrf(&p->emit);
	emit_base_path(&p->emit);
	check_str(buf_str(&p->out),
		  "<input type=\"hidden\" name=\"csrf\" value=\"a&#34;b\">/git%22");
	close_page(p);
}

RUN_TESTS(TEST(hostile_values_stay_in_their_place), TEST(a_nul_byte_never_reaches_the_page),
	  TEST(the_type_picks_the_emitter), TEST(truth_is_not_empty_not_zero_not_null),
	  TEST(values_are_equal_only_within_a_kind), TEST(a_moment_is_a_time_element_in_text_only),
	  TEST(messages_take_escaped_values_by_place_and_by_order),
	  TEST(the_csrf_field_and_base_path_are_escaped))
