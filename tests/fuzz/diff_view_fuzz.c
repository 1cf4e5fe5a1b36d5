/*
 * Lines of any bytes as a diff: each byte string becomes a line, its first byte
 * the kind. Asserted: a row's parts put together are the line, and are cut at
 * characters if the line is text.
 */
#include "render/diff_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 2000

static void check_row(const struct diff_row *row, struct str line)
{
	struct str rest = line;

	for (size_t i = 0; i < row->parts_count; i++) {
		struct str part = row->parts[i].text;

		ASSERT(str_starts(rest, part));
		ASSERT(part.n == 0 || !str_is_utf8_text(line) || str_is_utf8_text(part));
		rest = str_from(rest, part.n);
	}
	ASSERT(rest.n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct diff_line *lines = ARENA_ARRAY(a, struct diff_line, LINES_MAX);
	struct diff_hunk hunk = { .header = STR("@@ -1 +1 @@"), .lines = lines, .old_start = 1 };
	struct diff_file file = {
		.hunks = &hunk, .hunks_count = 1, .new_path = STR("f"), .label = STR("f")
	};
	struct diff diff = { .files = &file, .files_count = 1 };
	struct str rest = str_n(size ? (const char *)data : "", size);
	struct diff_view view;
	struct str line;

	while (hunk.lines_count < LINES_MAX && str_cut(&rest, '\n', &line)) {
		struct diff_line *to = &lines[hunk.lines_count++];

		to->kind =
			line.n ? (enum diff_line_kind)((unsigned char)line.p[0] % 4) : DIFF_CONTEXT;
		to->text = str_from(line, 1);
	}
	diff_view_make(&diff, a, &view);
	ASSERT(view.files[0].rows_count == hunk.lines_count + 1);
	for (size_t i = 0; i < hunk.lines_count; i++)
		check_row(&view.files[0].rows[i + 1], lines[i].text);
	arena_close(a);
	return 0;
}
