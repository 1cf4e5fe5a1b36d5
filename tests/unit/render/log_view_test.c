/* Logs of jobs: colours, sections, lines that begin anew, pieces. */
#include "render/log_view.h"
#include "support/check.h"

#include "base/buf.h"

#define LINES 1000

static void dump_spans(struct buf *out, const struct log_line *line)
{
	for (size_t i = 0; i < line->spans_count; i++) {
		const struct ansi_span *span = &line->spans[i];

		if (span->style.n > 0)
			buf_addf(out, "<%.*s>", STR_FMT(span->style));
		buf_add(out, span->text);
	}
	buf_add_c(out, line->is_open ? "...\n" : "\n");
}

/* A line each: its number, its texts; a section's blocks stand further in. */
static void dump_blocks(struct buf *out, const struct log_blocks *blocks, int depth)
{
	for (size_t i = 0; i < blocks->count; i++) {
		const struct log_block *block = &blocks->items[i];

		for (int d = 0; d < depth; d++)
			buf_add_c(out, "  ");
		if (block->is_section)
			buf_addf(out, "%s%.*s(%.*s) ", block->is_folded ? "+" : "-",
				 STR_FMT(block->name), STR_FMT(block->took));
		buf_addf(out, "%d ", (int)block->line.number);
		dump_spans(out, &block->line);
		dump_blocks(out, &block->inside, depth + 1);
	}
}

static const char *dump(struct arena *a, const struct log_view *view)
{
	struct buf out;
	struct str text;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < view->groups_count; i++) {
		const struct log_group *group = &view->groups[i];

		if (i > 0)
			buf_addf(&out, "=%d(%.*s)\n", (int)group->depth, STR_FMT(group->took));
		dump_blocks(&out, &group->blocks, (int)group->depth);
	}
	text = arena_str(a, buf_str(&out));
	buf_fini(&out);
	return arena_strf(a, "%.*s", STR_FMT(text));
}

static const char *shown(struct arena *a, const char *log)
{
	struct log_position next;
	struct log_position start = LOG_START;
	struct log_view view;

	log_view_make(str_c(log), &start, LINES, true, a, &view, &next);
	check_int(next.offset, strlen(log));
	return dump(a, &view);
}

static void logs_become_lines_and_sections(void **state UNUSED)
{
	static const struct {
		const char *log;
		const char *expected;
	} cases[] = {
		{ "", "" },
		{ "a\nb", "1 a\n2 b\n" },
		{ "\n\n", "1 \n2 \n" },
		{ "\x1b[31mred\x1b[0m plain", "1 <f2>red plain\n" },
		{ "\x1b[32;1mJob\nstill\x1b[0;m", "1 <f3 bo>Job\n2 <f3 bo>still\n" },
		{ "\x1b[38;5;196mx\x1b[38;2;0;0;255my\x1b[49;48;5;244mz",
		  "1 <f10>x<f5>y<f5 b9>z\n" },
		{ "a\x1b]0;title\ab\x1b(Bc\x1b[2Jd\x1b[?25le", "1 abcde\n" },
		{ "10%\r20%\r100%\ndone", "1 100%\n2 done\n" },
		{ "a\r\nb\r", "1 a\n2 b\n" },
		{ "a\x01"
		  "b\tc",
		  "1 ab\tc\n" },
		{ "section_start:100:one\r\x1b[0KHead\nin\nsection_end:165:one\r\x1b[0Kafter\n",
		  "-one(01:05) 1 Head\n  2 in\n3 after\n" },
		{ "section_start:1:o[collapsed=true]\r\x1b[0K\nx\n", "+o() 1 o\n  2 x\n" },
		{ "section_start:1:o\r\x1b[0Ksection_start:2:i\r\x1b[0KIn\nx\nsection_end:9:o\r\n",
		  "-o(00:08) 1 \n  -i(00:07) 1 In\n    2 x\n" },
		{ "section_end:5:none\rx\nsection_start:x:y\r", "1 x\n2 section_start:x:y\n" },
		{ "section_end:9:a\r\x1b[0Ksection_start:9:b\r\x1b[0K\x1b[36mB\x1b[0;m\ny",
		  "-b() 1 <f7>B\n  2 y\n" },
		{ "2024-05-22T12:43:46.962646Z 00O hello\n2024-05-22T12:43:46.962646Z 00E+more",
		  "1 hello\n2 more\n" },
		{ "\x1b[", "1 \n" },
		{ "a\x1b", "1 a\n" },
		{ "a\x1b[38;5", "1 a\n" },
	};
	struct arena *a = arena_open(1 << 20);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = shown(a, cases[i].log);

		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("case %zu: got \"%s\", expected \"%s\"", i, got,
				 cases[i].expected);
	}
	arena_close(a);
}

static void a_piece_goes_on_where_the_last_one_ended(void **state UNUSED)
{
	static const char log[] = "section_start:1:a\r\x1b[0KA\n\x1b[31mone\nsection_start:2:b\r"
				  "\x1b[0KB\ntwo\nsection_end:5:b\r\x1b[0Kthree\n"
				  "section_end:8:a\r\x1b[0K\x1b[0mfour\n";
	struct arena *a = arena_open(1 << 20);
	struct log_position at = LOG_START;
	struct log_position next, again;
	struct log_view view;
	size_t cut = (size_t)(strstr(log, "two") - log);
	struct str rest;

	log_view_make(str_n(log, cut + 2), &at, LINES, false, a, &view, &next);
	check_c(dump(a, &view), "-a() 1 A\n  2 <f2>one\n  -b() 3 <f2>B\n    4 <f2>tw...\n");
	check_true(log_position_parse(log_position_text(&next, a), &again));
	check_str(log_position_text(&again, a), arena_strf(a, "%zu~4~f2~1:a~2:b", cut));
	rest = str_from(str_c(log), (size_t)again.offset);
	log_view_make(rest, &again, LINES, false, a, &view, &next);
	check_c(dump(a, &view), "    4 <f2>two\n=1(00:03)\n  5 <f2>three\n=0(00:07)\n6 four\n");
	check_int(next.offset, sizeof(log) - 1);
	check_int(next.depth, 0);
	arena_close(a);
}

static void a_mark_that_has_not_come_whole_is_not_shown(void **state UNUSED)
{
	struct arena *a = arena_open(1 << 20);
	struct log_position at = LOG_START;
	struct log_position next;
	struct log_view view;

	log_view_make(STR("a\nsection_start:1:bui"), &at, LINES, false, a, &view, &next);
	check_c(dump(a, &view), "1 a\n");
	check_int(next.offset, 2);
	arena_close(a);
}

static void lines_and_depth_are_bounded(void **state UNUSED)
{
	struct arena *a = arena_open(8 << 20);
	struct log_position at = LOG_START;
	struct log_position next;
	struct log_view view;
	struct buf log;

	buf_init(&log, 1 << 20);
	for (int i = 0; i < 20; i++)
		buf_addf(&log, "section_start:1:s%d\r\nx\n", i);
	log_view_make(buf_str(&log), &at, 30, true, a, &view, &next);
	check_int(view.lines, 30);
	check_int(next.line, 31);
	check_int(next.depth, LOG_DEPTH_MAX);
	buf_clear(&log);
	for (int i = 0; i < ANSI_LINE_MAX + 10; i++)
		buf_add_char(&log, 'x');
	log_view_make(buf_str(&log), &at, 30, true, a, &view, &next);
	check_true(view.groups[0].blocks.items[0].line.is_cut);
	check_int(view.groups[0].blocks.items[0].line.spans[0].text.n, ANSI_LINE_MAX);
	buf_fini(&log);
	arena_close(a);
}

static void what_is_no_position_is_refused(void **state UNUSED)
{
	static const char *const bad[] = { "",
					   "1",
					   "1~2",
					   "-1~1~",
					   "1~0~",
					   "1~1~zz",
					   "1~1~f17",
					   "1~1~~x",
					   "1~1~~1:",
					   "1~1~~1:a b",
					   "a~1~",
					   "1~99999999999~",
					   "1~1~~1:a~1:a~1:a~1:a~1:a~1:a~1:a~1:a~1:a" };
	struct log_position position;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (log_position_parse(str_c(bad[i]), &position))
			fail_msg("%s is a position", bad[i]);
	check_true(log_position_parse(STR("0~1~"), &position));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_become_lines_and_sections),
		cmocka_unit_test(a_piece_goes_on_where_the_last_one_ended),
		cmocka_unit_test(a_mark_that_has_not_come_whole_is_not_shown),
		cmocka_unit_test(lines_and_depth_are_bounded),
		cmocka_unit_test(what_is_no_position_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
