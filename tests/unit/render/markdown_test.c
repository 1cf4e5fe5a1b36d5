#include "support/check.h"

#include "render/markdown_cache.h"

static const struct markdown_context in_folder = {
	.file_base = { "/g/p/-/blob/main", 16 },
	.image_base = { "/g/p/-/raw/main", 15 },
	.folder = { "docs/guide", 10 },
	.limit = MARKDOWN_FILE_MAX,
};

static struct str render(struct arena *a, struct str text, const struct markdown_context *context)
{
	struct buf out;
	struct err e = { 0 };
	struct str html;

	buf_init(&out, (size_t)64 << 20);
	check_ok(markdown_render(text, context, &out, &e), &e);
	html = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return html;
}

struct example {
	const char *text;
	const char *html;
};

static void check_examples(const struct example *examples, size_t count)
{
	struct arena *a = arena_open(0);

	for (size_t i = 0; i < count; i++) {
		struct str html = render(a, str_c(examples[i].text), &in_folder);

		if (!str_eq(str_trim(html), str_c(examples[i].html)))
			fail_msg("case %zu: %s\ngot      %.*s\nexpected %s", i, examples[i].text,
				 STR_FMT(html), examples[i].html);
	}
	arena_close(a);
}

#define REL " rel=\"nofollow ugc noopener noreferrer\""

static void github_markdown_is_understood(void **state UNUSED)
{
	static const struct example examples[] = {
		{ "a *b* **c** ~~d~~ `<e>`\nf",
		  "<p>a <em>b</em> <strong>c</strong> <del>d</del> <code>&lt;e&gt;</code>\nf</p>" },
		{ "# A B!\n## A B\n# a-b",
		  "<h1 id=\"user-content-a-b\"><a class=\"anchor\" href=\"#user-content-a-b\" "
		  "aria-hidden=\"true\"></a>A B!</h1>\n"
		  "<h2 id=\"user-content-a-b-1\"><a class=\"anchor\" href=\"#user-content-a-b-1\" "
		  "aria-hidden=\"true\"></a>A B</h2>\n"
		  "<h1 id=\"user-content-a-b-2\"><a class=\"anchor\" href=\"#user-content-a-b-2\" "
		  "aria-hidden=\"true\"></a>a-b</h1>" },
		{ "- [x] x\n- [ ] y",
		  "<ul>\n<li><input type=\"checkbox\" disabled checked> x</li>\n"
		  "<li><input type=\"checkbox\" disabled> y</li>\n</ul>" },
		{ "3. x\n\n   y\n4. z", "<ol start=\"3\">\n<li>\n<p>x</p>\n<p>y</p>\n</li>\n<li>\n"
					"<p>z</p>\n</li>\n</ol>" },
		{ "|a|b|\n|:-|-:|\n|1|<b>2</b>|",
		  "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th "
		  "align=\"right\">b</th>\n</tr>\n"
		  "</thead>\n<tr>\n<td align=\"left\">1</td>\n<td "
		  "align=\"right\"><b>2</b></td>\n</tr>\n"
		  "</table>" },
		{ "```c\" x\n<a>\n```",
		  "<pre><code class=\"language-c&quot;\">&lt;a&gt;\n</code></pre>" },
		{ "x[^n]\n\n[^n]: y",
		  "<p>x<sup><a href=\"#user-content-fn-1\" "
		  "id=\"user-content-fnref-1\">1</a></sup></p>\n"
		  "<section class=\"footnotes\">\n<ol>\n<li id=\"user-content-fn-1\">\n<p>y</p>\n"
		  "<a href=\"#user-content-fnref-1\">\xE2\x86\xA9</a></li>\n</ol>\n</section>" },
		{ "> q\n\n---", "<blockquote>\n<p>q</p>\n</blockquote>\n<hr>" },
	};

	check_examples(examples, ARRAY_LEN(examples));
}

static void links_lead_into_the_repository_or_to_the_web(void **state UNUSED)
{
	static const struct example examples[] = {
		{ "[a](b.md)", "<p><a href=\"/g/p/-/blob/main/docs/guide/b.md\">a</a></p>" },
		{ "[a](../x%20y.c#L10)",
		  "<p><a href=\"/g/p/-/blob/main/docs/x%20y.c#L10\">a</a></p>" },
		{ "[a](/b.md#use)",
		  "<p><a href=\"/g/p/-/blob/main/b.md#user-content-use\">a</a></p>" },
		{ "[a](../../../../../etc)", "<p><a href=\"/g/p/-/blob/main/etc\">a</a></p>" },
		{ "[a](%2e%2e/%2e%2e/%2e%2e/x)", "<p><a href=\"/g/p/-/blob/main/x\">a</a></p>" },
		{ "[a](#use)", "<p><a href=\"#user-content-use\">a</a></p>" },
		{ "![a](i.png \"t\")",
		  "<p><img src=\"/g/p/-/raw/main/docs/guide/i.png\" alt=\"a\" title=\"t\"></p>" },
		{ "![a *b* `c`](i.png)",
		  "<p><img src=\"/g/p/-/raw/main/docs/guide/i.png\" alt=\"a b c\"></p>" },
		{ "[a](https://x.org/?a=1&b='2')",
		  "<p><a href=\"https://x.org/?a=1&amp;b=%272%27\"" REL ">a</a></p>" },
		{ "www.x.org", "<p><a href=\"http://www.x.org\"" REL ">www.x.org</a></p>" },
		{ "[a](javascript:alert(1))", "<p>a</p>" },
		{ "[a](JaVa&#x09;script:alert(1))", "<p>a</p>" },
		{ "[a](data:text/html,x)", "<p>a</p>" },
		{ "[a](//evil.org)", "<p>a</p>" },
		{ "[a](/\\evil.org)", "<p>a</p>" },
		{ "[a](\\\\evil.org)", "<p>a</p>" },
		{ "[a](vbscript:x)", "<p>a</p>" },
		{ "![a](mailto:x@y)", "<p><img alt=\"a\"></p>" },
	};

	check_examples(examples, ARRAY_LEN(examples));
}

static void raw_html_is_kept_only_if_it_is_on_the_list(void **state UNUSED)
{
	static const struct example examples[] = {
		{ "<p align=\"center\"><img src=\"logo.png\" width=100 onerror=\"x()\"></p>",
		  "<p align=\"center\"><img src=\"/g/p/-/raw/main/docs/guide/logo.png\" "
		  "width=\"100\"></p>" },
		{ "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
		{ "a <b>b</b> <kbd>k</kbd>", "<p>a <b>b</b> <kbd>k</kbd></p>" },
		{ "a <iframe src=x>", "<p>a &lt;iframe src=x&gt;</p>" },
		{ "<a href=\"java&#115;cript:x\" onclick=y style=z class=q>t</a>",
		  "<p><a rel=\"nofollow ugc noopener noreferrer\">t</a></p>" },
		{ "<a href=\"javascript&colon;x\">t</a>",
		  "<p><a href=\"/g/p/-/blob/main/docs/guide/javascript%26colon%3Bx\"" REL
		  ">t</a></p>" },
		{ "<details open>\n<summary>s</summary>\n\n*x*\n\n</details>",
		  "<details open=\"\">\n<summary>s</summary>\n<p><em>x</em></p>\n</details>" },
		{ "a <!-- no --> b", "<p>a  b</p>" },
		{ "<td>x", "<td>x\n</td>" },
		{ "<div>\n\n> </div></div>\n\nx",
		  "<div>\n<blockquote>\n\n</blockquote>\n<p>x</p>\n</div>" },
		{ "*a <b>c* d</b>", "<p><em>a <b>c</b></em> d</p>" },
		{ "<a name=\"x\"/>y", "<p><a name=\"user-content-x\" rel=\"nofollow ugc noopener "
				      "noreferrer\"></a>y</p>" },
		{ "<img src=a src=javascript:b alt='\"><script>'>",
		  "<img src=\"/g/p/-/raw/main/docs/guide/a\" "
		  "alt=\"&quot;&gt;&lt;script&gt;\">" },
	};

	check_examples(examples, ARRAY_LEN(examples));
}

static void comments_break_lines_and_drop_relative_links(void **state UNUSED)
{
	static const struct markdown_context comment = { .file_base = { "", 0 },
							 .image_base = { "", 0 },
							 .folder = { "", 0 },
							 .limit = MARKDOWN_COMMENT_MAX,
							 .hard_breaks = true };
	struct arena *a = arena_open(0);

	check_str(render(a, STR("a\nb [c](d.md)"), &comment), "<p>a<br>\nb c</p>\n");
	arena_close(a);
}

/* Repeats a text to about n bytes. */
static struct str repeat(struct arena *a, const char *text, size_t n)
{
	size_t length = strlen(text);
	size_t times = n / length;
	char *all = arena_alloc(a, times * length + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(all + i * length, text, length);
	return str_n(all, times * length);
}

static void what_makes_the_parser_slow_is_shown_as_plain_text(void **state UNUSED)
{
	static const char *const patterns[] = { "![[]()", "www._", "x<![CDATA[", "a@",
						"<?",     "> ",    "- " };
	struct arena *a = arena_open((size_t)1 << 30);

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct str html =
			render(a, repeat(a, patterns[i], MARKDOWN_FILE_MAX / 4), &in_folder);

		if (!str_starts(html, STR("<pre class=\"plain\">")))
			fail_msg("\"%s\" reaches the parser", patterns[i]);
	}
	arena_close(a);
}

static void a_table_of_thousands_of_cells_a_line_is_plain_text(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str head = repeat(a, "|x", 5000);
	struct str html = render(
		a, arena_fmt(a, "%.*s|\n%.*s|\n", STR_FMT(head), STR_FMT(repeat(a, "|-", 5000))),
		&in_folder);

	check_true(str_starts(html, STR("<pre class=\"plain\">|x|x")));
	arena_close(a);
}

static void a_large_definition_used_often_is_plain_text(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct str text = arena_fmt(a, "[a]: /%.*s\n\n%.*s", STR_FMT(repeat(a, "x", 1000)),
				    STR_FMT(repeat(a, "[a] ", 100000)));

	check_true(str_starts(render(a, text, &in_folder), STR("<pre class=\"plain\">")));
	arena_close(a);
}

static void plain_text_is_escaped_and_made_utf8(void **state UNUSED)
{
	struct err e = { 0 };
	struct buf out;

	buf_init(&out, 1024);
	check_ok(markdown_plain(STR("<a>\xFF&\0"), &out, &e), &e);
	check_str(buf_str(&out),
		  "<pre class=\"plain\">&lt;a&gt;\xEF\xBF\xBD&amp;\xEF\xBF\xBD</pre>\n");
	buf_fini(&out);
}

static void readmes_are_ranked(void **state UNUSED)
{
	check_int(markdown_readme_rank(STR("README.md")), 1);
	check_int(markdown_readme_rank(STR("Readme.markdown")), 2);
	check_int(markdown_readme_rank(STR("README")), 3);
	check_int(markdown_readme_rank(STR("README.txt")), 4);
	check_int(markdown_readme_rank(STR("README.png")), 0);
	check_int(markdown_readme_rank(STR("main.c")), 0);
}

static void the_cache_tells_contexts_apart(void **state UNUSED)
{
	struct markdown_cache *cache = markdown_cache_open(1u << 20);
	struct markdown_context other = in_folder;
	struct arena *a = arena_open(0);
	struct str html;

	other.folder = STR("docs");
	markdown_cache_put(cache, STR("t"), &in_folder, STR("<p>t</p>"));
	check_true(markdown_cache_find(cache, STR("t"), &in_folder, a, &html));
	check_str(html, "<p>t</p>");
	check_false(markdown_cache_find(cache, STR("t"), &other, a, &html));
	check_false(markdown_cache_find(cache, STR("u"), &in_folder, a, &html));
	arena_close(a);
	markdown_cache_close(cache);
}

RUN_TESTS(TEST(github_markdown_is_understood), TEST(links_lead_into_the_repository_or_to_the_web),
	  TEST(raw_html_is_kept_only_if_it_is_on_the_list),
	  TEST(comments_break_lines_and_drop_relative_links),
	  TEST(what_makes_the_parser_slow_is_shown_as_plain_text),
	  TEST(a_table_of_thousands_of_cells_a_line_is_plain_text),
	  TEST(a_large_definition_used_often_is_plain_text),
	  TEST(plain_text_is_escaped_and_made_utf8), TEST(readmes_are_ranked),
	  TEST(the_cache_tells_contexts_apart))
