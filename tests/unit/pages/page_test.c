/* The words pages share, as tables. */
#include "support/check.h"

#include "pages/blob.h"
#include "pages/page.h"

static struct request request_of(struct arena *a)
{
	static const struct site no_site = { .base_path = { "/sub", 4 } };

	return (struct request){ .arena = a, .language = language_at(0), .site = &no_site };
}

static void sizes_are_short_and_have_a_unit(void **state UNUSED)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0 B" },
		{ 1, "1 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KB" },
		{ 1536, "1.5 KB" },
		{ 200 * 1024, "200 KB" },
		{ 5 << 20, "5.0 MB" },
		{ UINT64_C(3) << 40, "3.0 TB" },
		{ UINT64_C(5000) << 40, "5000 TB" },
	};
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_str(page_size(&rq, cases[i].bytes), cases[i].text);
	arena_close(a);
}

static void initials_are_letters_of_any_alphabet(void **state UNUSED)
{
	static const struct {
		const char *name, *initials;
	} cases[] = {
		{ "Anna Larsen", "AL" },
		{ "Борис Ковалёв", "БК" },
		{ "chen", "c" },
		{ "  a  ", "a" },
		{ "A b C", "AC" },
		{ "", "" },
		{ "\xff broken", "\xff"
				 "b" },
	};
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_str(page_initials(&rq, str_c(cases[i].name)), cases[i].initials);
	arena_close(a);
}

static void levels_end_at_the_givers_own(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);
	struct view_levels levels = page_levels(&rq, LEVEL_MAINTAINER, LEVEL_DEVELOPER);

	check_int((int64_t)levels.count, 4);
	check_int(levels.items[3].number, LEVEL_MAINTAINER);
	check_int(levels.items[2].is_chosen, 1);
	arena_close(a);
}

static void urls_of_views_have_the_sub_path(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);

	check_str(page_url(&rq, STR("/explore")), "/sub/explore");
	check_str(page_with_query(&rq, STR("/explore"), "a", STR("b&c")), "/explore?a=b%26c");
	check_str(page_with_query(&rq, STR("/explore?x=1"), "a", STR("")), "/explore?x=1&a=");
	arena_close(a);
}

static void lines_of_a_file_are_those_an_editor_numbers(void **state UNUSED)
{
	static const struct {
		const char *text;
		size_t lines;
		const char *last;
	} cases[] = {
		{ "one", 1, "one" },  { "one\n", 1, "one" },
		{ "one\n\n", 2, "" }, { "one\r\ntwo\r\n", 2, "two" },
		{ "\n", 1, "" },
	};
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct view_blob view = { 0 };

		blob_lines(&rq, str_c(cases[i].text), &view);
		check_int((int64_t)view.lines_count, (int64_t)cases[i].lines);
		check_str(view.lines[view.lines_count - 1].text, cases[i].last);
	}
	arena_close(a);
}

static void a_page_holds_so_many_lines_and_says_so(void **state UNUSED)
{
	struct arena *a = arena_open(0);
	struct request rq = request_of(a);
	struct view_blob view = { 0 };
	char *text = arena_alloc(a, 2 * (BLOB_PAGE_LINES + 5));

	memset(text, '\n', BLOB_PAGE_LINES + 5);
	blob_lines(&rq, str_n(text, BLOB_PAGE_LINES + 5), &view);
	check_int((int64_t)view.lines_count, BLOB_PAGE_LINES);
	check_int(view.is_cut, 1);
	arena_close(a);
}

static void a_browser_runs_nothing_that_raw_sends(void **state UNUSED)
{
	check_str(str_c(blob_type(STR("page.html"), BLOB_TEXT)), "text/plain; charset=utf-8");
	check_str(str_c(blob_type(STR("old.js"), BLOB_LATIN1)), "text/plain; charset=iso-8859-1");
	check_str(str_c(blob_type(STR("a.pdf"), BLOB_BINARY)), "application/octet-stream");
	check_str(str_c(blob_type(STR("a.PNG"), BLOB_BINARY)), "image/png");
	check_str(str_c(blob_type(STR(".png"), BLOB_BINARY)), "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_short_and_have_a_unit),
		cmocka_unit_test(initials_are_letters_of_any_alphabet),
		cmocka_unit_test(levels_end_at_the_givers_own),
		cmocka_unit_test(urls_of_views_have_the_sub_path),
		cmocka_unit_test(lines_of_a_file_are_those_an_editor_numbers),
		cmocka_unit_test(a_page_holds_so_many_lines_and_says_so),
		cmocka_unit_test(a_browser_runs_nothing_that_raw_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
