/*
 * Any bytes as a job's log, whole and in two pieces. Asserted: texts have no byte that
 * a terminal would act on, positions survive their text, pieces have as many lines as
 * the whole, and the second piece ends where the whole ends.
 */
#include "render/log_view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINES_MAX 3000

static void check_blocks(const struct log_blocks *blocks, int depth)
{
	ASSERT(depth <= LOG_DEPTH_MAX);
	for (size_t i = 0; i < blocks->count; i++) {
		const struct log_line *line = &blocks->items[i].line;

		for (size_t s = 0; s < line->spans_count; s++)
			for (size_t b = 0; b < line->spans[s].text.n; b++)
				ASSERT((unsigned char)line->spans[s].text.p[b] >= 0x20 ||
				       line->spans[s].text.p[b] == '\t');
		check_blocks(&blocks->items[i].inside, depth + 1);
	}
}

static void check_view(const struct log_view *view)
{
	for (size_t i = 0; i < view->groups_count; i++)
		check_blocks(&view->groups[i].blocks, (int)view->groups[i].depth);
}

static void check_position(const struct log_position *position, struct arena *a)
{
	struct str text = log_position_text(position, a);
	struct log_position again;
	bool is_read = log_position_parse(text, &again);

	ASSERT(is_read);
	ASSERT(str_eq(log_position_text(&again, a), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct str log = size > 1 ? str_n((const char *)data + 1, size - 1) : STR("");
	struct str first = str_upto(log, size > 0 ? log.n * data[0] / 255 : 0);
	struct log_position start = LOG_START;
	struct log_position end, middle, other;
	struct log_view whole, piece;
	int64_t lines;

	log_view_make(log, &start, LINES_MAX, true, a, &whole, &end);
	check_view(&whole);
	check_position(&end, a);
	log_view_make(first, &start, LINES_MAX, false, a, &piece, &middle);
	check_view(&piece);
	check_position(&middle, a);
	ASSERT(middle.offset <= (int64_t)first.n);
	lines = piece.lines;
	log_view_make(str_from(log, (size_t)middle.offset), &middle, LINES_MAX - lines, true, a,
		      &piece, &other);
	check_view(&piece);
	ASSERT(lines + piece.lines == whole.lines);
	ASSERT(str_eq(log_position_text(&other, a), log_position_text(&end, a)));
	arena_close(a);
	return 0;
}
