#include "git/line_map.h"

static int in_hunk(const struct diff_hunk *hunk, int line)
{
	for (size_t i = 0; i < hunk->lines_count; i++)
		if (hunk->lines[i].kind == DIFF_CONTEXT && hunk->lines[i].old_line == line)
			return hunk->lines[i].new_line;
	return 0;
}

int line_map(const struct diff_file *file, int line)
{
	int shift = 0;

	for (size_t i = 0; i < file->hunks_count; i++) {
		const struct diff_hunk *hunk = &file->hunks[i];
		/* A hunk that only adds names the line before it. */
		const int first = hunk->old_count > 0 ? hunk->old_start : hunk->old_start + 1;

		if (line < first)
			break;
		if (line < first + hunk->old_count)
			return in_hunk(hunk, line);
		shift += hunk->new_count - hunk->old_count;
	}
	return line + shift;
}
